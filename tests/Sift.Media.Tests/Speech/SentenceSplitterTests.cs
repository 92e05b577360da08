using Sift.Media.Speech.Text;

namespace Sift.Media.Tests.Speech;

public sealed class SentenceSplitterTests
{
    [Theory]
    [InlineData("One. Two! Three?", "One.|Two!|Three?")]
    [InlineData("Dr. Smith met Mr. J. Doe at 3.14 p.m. on Main St. in town. He left.", "Dr. Smith met Mr. J. Doe at 3.14 p.m. on Main St. in town.|He left.")]
    [InlineData("It costs $3.50. Pay at example.com today.", "It costs $3.50.|Pay at example.com today.")]
    [InlineData("Wait... what?! Yes.", "Wait...|what?!|Yes.")]
    [InlineData("He said \"Go.\" Then he went.", "He said \"Go.\"|Then he went.")]
    [InlineData("你好。再见！好", "你好。|再见！|好")]
    [InlineData("क्या? हाँ। ठीक", "क्या?|हाँ।|ठीक")]
    [InlineData("مرحبا؟ نعم.", "مرحبا؟|نعم.")]
    [InlineData("First line\nSecond line", "First line|Second line")]
    [InlineData("So did I. They left.", "So did I.|They left.")]
    [InlineData("", "")]
    [InlineData("...", "...")]
    public void Cuts_where_sentences_end(string text, string expected) =>
        Assert.Equal(expected, string.Join('|', SentenceSplitter.Split(text)));

    [Fact]
    public void Loses_nothing_and_keeps_to_the_limit()
    {
        var random = new Random(42);
        const string letters = "abc ,.!?。\n\"'( é你😀";
        for (var round = 0; round < 300; round++)
        {
            var text = TextPreparation.Clean(string.Concat(Enumerable.Range(0, random.Next(1000)).Select(_ => letters.EnumerateRunes().ElementAt(random.Next(16)).ToString())));
            var sentences = SentenceSplitter.Split(text);

            Assert.All(sentences, sentence => Assert.InRange(sentence.Length, 1, SentenceSplitter.MaxLength));
            Assert.Equal(Solid(text), Solid(string.Concat(sentences)));
        }
    }

    [Fact]
    public void Breaks_long_sentences_at_a_clause()
    {
        var clause = string.Join(' ', Enumerable.Repeat("word", 40));

        Assert.Equal([clause + ",", clause], SentenceSplitter.Split(clause + ", " + clause));
    }

    [Theory]
    [InlineData("a\u0000b\u0007c", "a b c")]
    [InlineData("zero\u200Bwidth so\u00ADft", "zerowidth soft")]
    [InlineData("  many \t spaces \r\n here ", "many spaces\nhere")]
    [InlineData("bad \uD800 half", "bad half")]
    [InlineData("[[ph]]", "[ [ph]]")]
    public void Cleans_what_engines_should_not_see(string text, string expected) => Assert.Equal(expected, TextPreparation.Clean(text));

    [Fact]
    public void Breaks_words_that_are_too_long() =>
        Assert.All(TextPreparation.Clean(new string('a', 5000)).Split(' '), word => Assert.InRange(word.Length, 1, TextPreparation.MaxWordLength));

    [Theory]
    [InlineData("Café Zürich — naïve", "Cafe Zurich ,  naive")]
    [InlineData("“It’s” 5€", "\"It's\" 5 euros ")]
    public void Folds_to_ascii_for_engines_that_read_no_more(string text, string expected) => Assert.Equal(expected, TextPreparation.ToAscii(text));

    private static string Solid(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c)));
}

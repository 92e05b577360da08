using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace Sift.Web.ConsolePages.Pages;

/// <summary>A text in a drawing; Razor keeps that element's name for itself.</summary>
public sealed class SvgText : ComponentBase
{
    /// <summary>Class of the element.</summary>
    [Parameter]
    public string Class { get; set; } = "";

    /// <summary>Where it begins, ends or has its middle.</summary>
    [Parameter]
    public double X { get; set; }

    /// <summary>The line it stands on.</summary>
    [Parameter]
    public double Y { get; set; }

    /// <summary>start, middle or end.</summary>
    [Parameter]
    public string Anchor { get; set; } = "start";

    /// <summary>What it says; encoded.</summary>
    [Parameter]
    public string? Text { get; set; }

    /// <inheritdoc/>
    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        builder.OpenElement(0, "text");
        builder.AddAttribute(1, "class", Class);
        builder.AddAttribute(2, "x", TimeAxis.N(X));
        builder.AddAttribute(3, "y", TimeAxis.N(Y));
        builder.AddAttribute(4, "text-anchor", Anchor);
        builder.AddContent(5, Text);
        builder.CloseElement();
    }
}

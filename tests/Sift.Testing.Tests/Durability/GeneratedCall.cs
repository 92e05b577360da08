using System.Text.Json.Nodes;

namespace Sift.Testing.Tests.Durability;

/// <summary>
/// A call made up from a seed: a routine or a flow, a web server with its moods, phones that answer or not, and a caller who does
/// something. The same seed makes the same call.
/// </summary>
internal sealed class GeneratedCall(int seed)
{
    private readonly Random _chance = new(seed);
    private int _count;

    public bool IsOutgoing { get; private set; }

    public Simulation Build()
    {
        IsOutgoing = _chance.Next(3) == 0;
        var options = new SimulationOptions { Seed = seed, CommitDeferral = TimeSpan.FromMilliseconds(seed % 2 * 50), AnswerOnDemand = _chance.Next(4) == 0, FallbackRoutine = _chance.Next(2) == 0 ? """[{"name":"Say","text":"Fallback."}]""" : null };
        var moods = new Random(seed + 1);
        var simulation = _chance.Next(3) == 0
            ? Simulation.Of(DrawnFlow(), options).Answering(_ => Mood(moods, Reply.Json("""{"ok":true}""")))
            : Simulation.Of(Replies(moods, Routine()), options);
        for (var i = 0; i < 3; i++)
        {
            Behave(simulation.Phone($"+1555444000{i}"));
        }

        return simulation;
    }

    public Action<CallerScript> Caller()
    {
        var steps = new List<Action<CallerScript>>();
        for (var i = _chance.Next(1, 6); i > 0; i--)
        {
            var (keys, time) = (_chance.Next(10, 99).ToString(), TimeSpan.FromSeconds(_chance.Next(1, 9)));
            steps.Add(_chance.Next(4) switch
            {
                0 => script => script.Presses(keys),
                1 => script => script.AfterSilence(time),
                2 => script => script.Waits(time).Presses(keys[..1]),
                _ => script => script.Speaks("Well."),
            });
        }

        var end = TimeSpan.FromSeconds(_chance.Next(3, 120));
        return script =>
        {
            foreach (var step in steps)
            {
                step(script);
            }

            script.At(end).HangsUp();
        };
    }

    private static Func<HttpExchange, Reply> Replies(Random moods, string routine)
    {
        var isGiven = false;
        return request =>
        {
            var isAsked = request.Path == "/incoming" || (request.Path == "/status" && (string?)request.Body["connection"]!["status"] == "connected");
            if (isAsked && !isGiven)
            {
                isGiven = true;
                return Reply.Routine(routine);
            }

            return Mood(moods, isAsked ? Reply.Routine(routine) : moods.Next(6) == 0 ? Reply.Routine("""[{"name":"Say","text":"Instead."},{"name":"Pause","seconds":2}]""") : Reply.Empty);
        };
    }

    private static Reply Mood(Random moods, Reply good) => moods.Next(10) switch
    {
        0 => Reply.Status(500),
        1 => Reply.Unreachable,
        2 => good.After(TimeSpan.FromSeconds(moods.Next(1, 12))),
        _ => good,
    };

    private void Behave(Phone phone)
    {
        var talk = TimeSpan.FromSeconds(_chance.Next(2, 40));
        _ = _chance.Next(5) switch
        {
            0 => phone.IsBusy(),
            1 => phone.DoesNotAnswer(),
            2 => phone.Refuses(_chance.Next(400, 700), TimeSpan.FromSeconds(_chance.Next(0, 4))),
            3 => phone.Answers(script => script.Speaks("Yes?").Waits(talk).HangsUp()),
            _ => phone.Answers(TimeSpan.FromSeconds(_chance.Next(1, 9))),
        };
    }

    private string Routine()
    {
        var commands = new JsonArray();
        for (var i = _chance.Next(2, 6); i > 0; i--)
        {
            commands.Add((JsonNode)Command());
        }

        return commands.ToJsonString();
    }

    private JsonObject Command()
    {
        var number = ++_count;
        var command = _chance.Next(5) switch
        {
            0 => new JsonObject { ["name"] = "Say", ["text"] = $"Sentence {number}." },
            1 => new JsonObject { ["name"] = "Play", ["sound_url"] = $"https://app.example.com/{number}.wav" },
            2 => new JsonObject { ["name"] = "GetDigits", ["text"] = $"Question {number}?", ["count"] = _chance.Next(1, 4), ["timeout_seconds"] = _chance.Next(1, 6) },
            3 => new JsonObject { ["name"] = "Pause", ["seconds"] = _chance.Next(1, 8) },
            _ => new JsonObject { ["name"] = "CallPhone", ["phone_number"] = $"+1555444000{_chance.Next(4)}", ["timeout_seconds"] = _chance.Next(5, 30), ["event_callback"] = $"https://app.example.com/events/{number}" },
        };
        if (_chance.Next(2) == 0)
        {
            command["on_done"] = $"https://app.example.com/done/{number}";
        }

        return command;
    }

    /// <summary>Two branches that come together, with waits, a web service and a second call in them.</summary>
    private string DrawnFlow()
    {
        var activities = new List<JsonObject> { Flow.Activity("Fork", "fork", ("branches", new JsonArray("a", "b"))), Flow.Activity("Join", "join"), Flow.Say("last", "That was it.") };
        var connections = new List<string> { "join > last" };
        foreach (var branch in new[] { "a", "b" })
        {
            var previous = $"fork.{branch}";
            for (var i = _chance.Next(1, 4); i > 0; i--)
            {
                var id = $"{branch}{i}";
                var (activity, port) = _chance.Next(5) switch
                {
                    0 => (Flow.Activity("Delay", id, ("seconds", _chance.Next(1, 9))), "Done"),
                    1 => (Flow.Activity("HttpCall", id, ("url", $"https://app.example.com/{id}"), ("method", "POST")), "Success"),
                    2 => (Flow.Activity("SetVariable", id, ("variable", "v" + id), ("value", i)), "Done"),
                    3 => (Flow.Activity("CallPhone", id, ("phoneNumber", $"+1555444000{_chance.Next(4)}"), ("timeoutSeconds", 10)), "NoAnswer"),
                    _ => (Flow.Say(id, $"Branch {id}."), "Done"),
                };
                activities.Add(activity);
                connections.Add($"{previous} > {id}");
                previous = $"{id}.{port}";
            }

            connections.Add($"{previous} > join");
        }

        return Flow.Of("generated", [.. activities], [.. connections]);
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using FluentValidation;
using Sift.Activities.Routines;

namespace Sift.Web.Http;

internal static class RoutineRule
{
    /// <summary>The value is a routine that could run, or null. Every error of it is reported with its path.</summary>
    public static void Routine<T>(this IRuleBuilder<T, JsonNode?> rule, RoutineParser routines) => rule.Custom((value, context) =>
    {
        if (value is null)
        {
            return;
        }

        if (value is not JsonArray)
        {
            context.AddFailure("must be a list of commands");
            return;
        }

        foreach (var error in routines.Parse(JsonSerializer.SerializeToElement(value, JsonContext.Default.JsonNode)).Errors)
        {
            context.AddFailure(error.Path == "$" ? error.Message : error.ToString());
        }
    });
}

[System.Text.Json.Serialization.JsonSerializable(typeof(JsonNode))]
internal sealed partial class JsonContext : System.Text.Json.Serialization.JsonSerializerContext;

using System.ComponentModel;
using System.Text.Json.Nodes;
using FluentValidation;
using Sift.Activities.Routines;
using Sift.Web.Http;
using Sift.Web.Storage;

namespace Sift.Web.Applications;

/// <summary>What can be set on an application, for creation and change alike.</summary>
internal sealed record ApplicationFields
{
    [Description("Short name for people. Required at creation.")]
    public string? Name { get; init; }

    [Description("http or https URL that receives the incoming connection callback.")]
    public string? OnIncoming { get; init; }

    [Description("List of commands to run when on_incoming is not set. In a form: the list as JSON text.")]
    public JsonNode? DefaultRoutine { get; init; }

    [Description("immediately (default) or on_demand.")]
    public string? Answer { get; init; }

    [Description("List of commands to run when no callback reply can be had. In a form: the list as JSON text.")]
    public JsonNode? FallbackRoutine { get; init; }

    [Description("URL asked for a routine when on_incoming gives none in time.")]
    public string? FallbackUrl { get; init; }

    [Description("Id of a workflow definition that handles the calls instead of a routine.")]
    public string? WorkflowId { get; init; }

    [Description("Hosted scripts are not supported by this server: refused when given.")]
    public string? Script { get; init; }

    [Description("Read-only here; bind numbers with POST /v0/phonenumbers.")]
    public JsonNode? PhoneNumbers { get; init; }

    /// <summary>Puts the fields in <paramref name="present"/> (all of them when null) on the row.</summary>
    public void ApplyTo(ApplicationRow row, IReadOnlySet<string>? present)
    {
        if (Given("name"))
        {
            row.Name = Name!.Trim();
        }

        if (Given("on_incoming"))
        {
            row.OnIncoming = OnIncoming;
        }

        if (Given("default_routine"))
        {
            row.DefaultRoutine = DefaultRoutine?.ToJsonString();
        }

        if (Given("answer"))
        {
            row.Answer = Answer ?? Answers.Immediately;
        }

        if (Given("fallback_routine"))
        {
            row.FallbackRoutine = FallbackRoutine?.ToJsonString();
        }

        if (Given("fallback_url"))
        {
            row.FallbackUrl = FallbackUrl;
        }

        if (Given("workflow_id"))
        {
            row.WorkflowId = WorkflowId;
        }

        bool Given(string field) => present is null || present.Contains(field);
    }

    /// <summary>What must be there when the fields are a whole application, not a change.</summary>
    public static void CheckWhole(ApplicationFields fields, FieldErrors errors)
    {
        if (fields.Name is null)
        {
            errors.AddUnlessReported("name", "is required");
        }

        if (fields is { OnIncoming: null, DefaultRoutine: null, WorkflowId: null })
        {
            errors.AddUnlessReported("on_incoming", NoInstructions);
        }
    }

    public const string NoInstructions = "is required unless default_routine or workflow_id is set";
}

internal static class Answers
{
    public const string Immediately = "immediately";
    public const string OnDemand = "on_demand";
}

internal sealed class ApplicationFieldsValidator : AbstractValidator<ApplicationFields>
{
    private const int LongestName = 200;

    public ApplicationFieldsValidator(RoutineParser routines)
    {
        RuleFor(fields => fields.Name).Must(name => name is null || name.Trim().Length is > 0 and <= LongestName).WithMessage($"must have 1 to {LongestName} characters");
        RuleFor(fields => fields.OnIncoming).WebUrl();
        RuleFor(fields => fields.FallbackUrl).WebUrl();
        RuleFor(fields => fields.Answer).Must(answer => answer is null or Answers.Immediately or Answers.OnDemand)
            .WithMessage($"must be {Answers.Immediately} or {Answers.OnDemand}");
        RuleFor(fields => fields.WorkflowId).Must(id => id is null || id.Length is > 0 and <= 100).WithMessage("must be the id of a workflow definition");
        RuleFor(fields => fields.Script).Null().WithMessage("is not supported: this server runs no hosted scripts; use on_incoming, default_routine or workflow_id");
        RuleFor(fields => fields.PhoneNumbers).Null().WithMessage("cannot be set here; bind numbers with POST /v0/phonenumbers");
        RuleFor(fields => fields.DefaultRoutine).Routine(routines);
        RuleFor(fields => fields.FallbackRoutine).Routine(routines);
    }
}

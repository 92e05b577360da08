using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sift.Web.Accounts;
using Sift.Web.Applications;
using Sift.Web.Connections;
using Sift.Web.PhoneNumbers;
using Sift.Web.Workflows;

namespace Sift.Web.Http;

/// <summary>The wire form of the API: snake_case, absent instead of null.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(ApplicationFields))]
[JsonSerializable(typeof(ApplicationObject))]
[JsonSerializable(typeof(Page<ApplicationObject>))]
[JsonSerializable(typeof(NewConnection))]
[JsonSerializable(typeof(ConnectionChange))]
[JsonSerializable(typeof(ConnectionObject))]
[JsonSerializable(typeof(Page<ConnectionObject>))]
[JsonSerializable(typeof(NewPhoneNumber))]
[JsonSerializable(typeof(PhoneNumberChange))]
[JsonSerializable(typeof(PhoneNumberObject))]
[JsonSerializable(typeof(Page<PhoneNumberObject>))]
[JsonSerializable(typeof(WorkflowObject))]
[JsonSerializable(typeof(Page<WorkflowObject>))]
[JsonSerializable(typeof(InstanceObject))]
[JsonSerializable(typeof(Page<InstanceObject>))]
[JsonSerializable(typeof(InstanceJournalObject))]
[JsonSerializable(typeof(ReplayObject))]
[JsonSerializable(typeof(InstanceStepsObject))]
[JsonSerializable(typeof(InstanceEvent))]
[JsonSerializable(typeof(AccountObject))]
[JsonSerializable(typeof(Page<AccountObject>))]
[JsonSerializable(typeof(NewAccount))]
[JsonSerializable(typeof(NewTestRun))]
[JsonSerializable(typeof(Page<string>))]
[JsonSerializable(typeof(List<string>))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class ApiJson : JsonSerializerContext
{
    /// <summary>Plus signs and accents as they are: bodies go out as application/json and are never put into HTML.</summary>
    public static ApiJson Wire => wire ??= new ApiJson(new JsonSerializerOptions(Default.Options) { TypeInfoResolver = null, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    // Made on first use: the order in which the generated part's own statics are set is not known.
    private static ApiJson? wire;
}

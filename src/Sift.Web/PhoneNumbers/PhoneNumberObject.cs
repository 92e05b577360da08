using System.ComponentModel;
using System.Text.Json.Serialization;
using Sift.Activities.Connections;
using Sift.Web.Storage;

namespace Sift.Web.PhoneNumbers;

/// <summary>A number of the account.</summary>
internal sealed record PhoneNumberObject(
    [property: Description("E.164 number.")] string PhoneNumber,
    [property: Description("Application that gets the calls; null when unbound."), JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? ApplicationId,
    [property: Description("The same value as application_id."), JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? AppId,
    [property: Description("When it was registered; ISO 8601, UTC.")] string CreatedTime)
{
    public static PhoneNumberObject Of(PhoneNumberRow row) => new(row.Number, row.ApplicationId, row.ApplicationId, ConnectionJson.FormatTime(row.CreatedAt));
}

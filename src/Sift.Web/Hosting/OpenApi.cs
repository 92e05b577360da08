using Microsoft.OpenApi;
using Sift.Web.Http;

namespace Sift.Web.Hosting;

/// <summary>The OpenAPI document: what the endpoints say of themselves, and what holds for all of them.</summary>
internal static class OpenApi
{
    public const string Route = "/openapi.json";

    public static IServiceCollection AddSiftOpenApi(this IServiceCollection services) => services.AddOpenApi("openapi", options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Sift voice API",
                Version = "v0",
                Description = "Place and receive phone calls that follow routines. Every route takes HTTP Basic with the account id and the auth token. Bodies may be JSON or "
                    + "forms with the same field names; a list in a form is JSON text. Failures are problem details (RFC 9457) whose errors member names every bad field.",
            };
            document.Servers = [new OpenApiServer { Url = "/" }];
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                ["basic"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "basic", Description = "Account id and auth token." },
            };
            document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("basic", document)] = [] }];
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(async (operation, context, cancellationToken) =>
        {
            var metadata = context.Description.ActionDescriptor.EndpointMetadata;
            if (metadata.OfType<EndpointMetadata.BodyMetadata>().FirstOrDefault() is { } body)
            {
                var schema = await context.GetOrCreateSchemaAsync(body.Type, null, cancellationToken);
                operation.RequestBody = new OpenApiRequestBody
                {
                    Required = true,
                    Content = new Dictionary<string, OpenApiMediaType>
                    {
                        ["application/json"] = new() { Schema = schema },
                        ["application/x-www-form-urlencoded"] = new() { Schema = schema },
                    },
                };
            }

            if (metadata.OfType<EndpointMetadata.ListMetadata>().FirstOrDefault() is { } list)
            {
                operation.Parameters ??= [];
                foreach (var (name, description) in list.Filters)
                {
                    operation.Parameters.Add(Query(name, description, JsonSchemaType.String));
                }

                operation.Parameters.Add(Query("limit", $"items per page, 1 to {Paging.LargestSize}", JsonSchemaType.Integer));
                operation.Parameters.Add(Query("cursor", "where the page starts; taken from next and previous as it is", JsonSchemaType.String));
            }

            if (context.Description.HttpMethod == "POST" && context.Description.RelativePath is "v0/connections" or "v0/phonenumbers")
            {
                operation.Parameters ??= [];
                operation.Parameters.Add(new OpenApiParameter
                {
                    Name = IdempotencyKeys.HeaderName,
                    In = ParameterLocation.Header,
                    Description = "Any text of up to 255 characters. A repetition within 24 hours gets the first answer and creates nothing.",
                    Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                });
            }

            operation.Responses ??= [];
            operation.Responses["401"] = new OpenApiResponse { Description = "Account id or auth token are missing or wrong." };
            operation.Responses["429"] = new OpenApiResponse { Description = "Too many requests; Retry-After says when to go on." };
        });
    });

    private static OpenApiParameter Query(string name, string description, JsonSchemaType type)
        => new() { Name = name, In = ParameterLocation.Query, Description = description, Schema = new OpenApiSchema { Type = type } };
}

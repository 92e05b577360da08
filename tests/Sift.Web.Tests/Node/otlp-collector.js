// Collects traces by OTLP over HTTP and writes each span as a line of JSON, decoded with OpenTelemetry's own protocol definitions.
const http = require("node:http");
const { opentelemetry } = require("@opentelemetry/otlp-transformer/build/src/generated/root");

const { ExportTraceServiceRequest, ExportTraceServiceResponse } = opentelemetry.proto.collector.trace.v1;
const hex = (bytes) => Buffer.from(bytes || []).toString("hex");
const text = (attributes) => Object.fromEntries(attributes.map(({ key, value }) => [key, String(value.stringValue || value.intValue || value.boolValue || "")]));

const server = http.createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    const { resourceSpans } = ExportTraceServiceRequest.decode(Buffer.concat(parts));
    for (const resource of resourceSpans) {
      for (const scope of resource.scopeSpans) {
        for (const span of scope.spans) {
          process.stdout.write(JSON.stringify({
            service: text(resource.resource.attributes)["service.name"],
            trace: hex(span.traceId),
            id: hex(span.spanId),
            parent: hex(span.parentSpanId),
            name: span.name,
            kind: span.kind,
            milliseconds: (Number(span.endTimeUnixNano) - Number(span.startTimeUnixNano)) / 1e6,
            attributes: text(span.attributes),
            events: span.events.map((event) => event.name),
          }) + "\n");
        }
      }
    }
    response.writeHead(200, { "content-type": "application/x-protobuf" });
    response.end(ExportTraceServiceResponse.encode({}).finish());
  });
});
server.listen(0, "127.0.0.1", () => process.stdout.write(server.address().port + "\n"));

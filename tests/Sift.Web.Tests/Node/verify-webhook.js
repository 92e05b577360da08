// Reads {secret, body, headers} from stdin; ends with 0 when the signature holds, 1 when it does not.
const { Webhook, WebhookVerificationError } = require("standardwebhooks");

let input = "";
process.stdin.on("data", (chunk) => { input += chunk; });
process.stdin.on("end", () => {
  const { secret, body, headers } = JSON.parse(input);
  try {
    new Webhook(secret).verify(body, headers);
  } catch (error) {
    process.stderr.write(String(error));
    process.exit(error instanceof WebhookVerificationError ? 1 : 2);
  }
});

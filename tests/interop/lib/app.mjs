// An app of somebody else on an origin of its own: its client id document, and whatever else it serves.
import { createServer } from "node:http";

/** Serve `files` (path to `[media type, body]`) from a free port of this machine; the origin. */
export async function serve(files) {
  const server = createServer((request, response) => {
    const [type, body] = files[new URL(request.url, "http://localhost").pathname] ?? [];
    response.writeHead(type ? 200 : 404, { "Content-Type": type ?? "text/plain", "Access-Control-Allow-Origin": "*" });
    response.end(body ?? "");
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  server.unref();
  return `http://localhost:${server.address().port}`;
}

/** An app with a client id document (Solid-OIDC, 5.1), with `more` members: `{ origin, clientId, redirectUrl }`. */
export async function app(name, more = {}) {
  const files = {};
  const origin = await serve(files);
  const [clientId, redirectUrl] = [`${origin}/app.jsonld`, `${origin}/terug`];
  const document = {
    "@context": ["https://www.w3.org/ns/solid/oidc-context.jsonld"],
    client_id: clientId,
    client_name: name,
    redirect_uris: [redirectUrl],
    post_logout_redirect_uris: [`${origin}/`],
    scope: "openid offline_access webid",
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
    ...more,
  };
  files["/app.jsonld"] = ["application/ld+json", JSON.stringify(document)];
  return { origin, clientId, redirectUrl };
}

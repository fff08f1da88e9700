// A real OpenID provider: anybody signs in with any name. One line on stdout when it listens: its issuer.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [redirect, method] = process.argv.slice(2);
const require = createRequire(new URL("../interop_servers/package.json", import.meta.url));
const { Provider } = await import(pathToFileURL(require.resolve("oidc-provider")));

const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://localhost:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: "werkpod",
        client_secret: "een geheim van twee: met dubbele punt",
        redirect_uris: [redirect],
        response_types: ["code"],
        grant_types: ["authorization_code"],
        token_endpoint_auth_method: method,
      },
    ],
    claims: { openid: ["sub"], profile: ["name"] },
    cookies: { keys: ["only for tests"] },
    // As the standard has it: what belongs to the scope "profile" is told at the userinfo endpoint, not in the ID token.
    conformIdTokenClaims: true,
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, name: `${id} Voorbeeld` }) }),
  });
  server.on("request", provider.callback());
  console.log(issuer);
});

// A Solid app as anybody writes one: sign in where you like, read and write what you type. It knows no server by name.
import { getDefaultSession, handleIncomingRedirect, login, logout } from "@inrupt/solid-client-authn-browser";

const session = getDefaultSession();
const show = (id, text) => (document.getElementById(id).textContent = text);
const listen = (id, event, run) =>
  document.getElementById(id).addEventListener(event, (happened) => {
    happened.preventDefault();
    run().catch((error) => show("wrong", String(error)));
  });

listen("sign-in", "submit", () =>
  login({
    oidcIssuer: document.getElementById("issuer").value,
    redirectUrl: new URL("/", location.href).href,
    clientName: document.title,
    ...(document.documentElement.dataset.client && { clientId: document.documentElement.dataset.client }),
  }));

listen("ask", "submit", async () => {
  show("status", "...");
  const [address, method, body] = ["address", "method", "content"].map((id) => document.getElementById(id).value);
  const type = method === "PATCH" ? "text/n3" : "text/turtle";
  const response = await session.fetch(address, {
    method, headers: { Accept: "text/turtle", ...(body && { "Content-Type": type }) }, body: body || undefined,
  });
  show("body", await response.text());
  show("status", String(response.status));
});

listen("sign-out", "click", () => logout({ logoutType: "app" }).then(() => show("who", "nobody")));

handleIncomingRedirect({ restorePreviousSession: true })
  .then(() => show("who", session.info.webId ?? "nobody"))
  .catch((error) => show("wrong", String(error)));

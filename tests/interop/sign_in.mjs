// @inrupt/solid-client-authn-node by authorization code: the citizen answers our own page, the app gets what was chosen.
import assert from "node:assert/strict";
import { getSolidDataset, overwriteFile } from "@inrupt/solid-client";
import { getSessionFromStorage, InMemoryStorage, Session } from "@inrupt/solid-client-authn-node";
import { app } from "./lib/app.mjs";
import { check, refusal, runAll } from "./lib/checks.mjs";
import { Citizen, EVERYTHING, only } from "./lib/citizen.mjs";

const [base] = process.argv.slice(2);
const citizen = await Citizen.signUp(base);
const root = citizen.storage;

/** Sign the citizen in to an app, with their answer to our question; the session. `storage`: where the app keeps it. */
async function signIn(client, choice, storage = new InMemoryStorage()) {
  const session = new Session({ keepAlive: false, storage });
  const url = await new Promise((handleRedirect, wrong) => {
    session.login({ oidcIssuer: base, handleRedirect, ...client }).catch(wrong);
  });
  await session.handleIncomingRedirect(await citizen.answer(url, choice));
  return session;
}

check("an app with a client id document gets the one section that was ticked", async () => {
  const { clientId, redirectUrl } = await app("Mijn app");
  const session = await signIn({ clientId, redirectUrl }, only(["experience"]));
  assert.equal(session.info.isLoggedIn, true);
  assert.equal(session.info.webId, citizen.webId);
  const get = (path) => getSolidDataset(`${root}${path}`, { fetch: session.fetch });
  await get("cv/experience");
  for (const path of ["cv/education", "cv/", "", "inbox/"]) assert.equal(await refusal(get(path)), 403, path);
  const written = overwriteFile(`${root}cv/experience`, new Blob([""]), {
    fetch: session.fetch, contentType: "text/turtle",
  });
  assert.equal(await refusal(written), 403);
});

check("an app that registers itself gets everything when the citizen says so", async () => {
  const { redirectUrl } = await app("Zonder document");
  const session = await signIn({ redirectUrl, clientName: "Zonder document" }, EVERYTHING);
  assert.equal(session.info.webId, citizen.webId);
  const get = (path) => getSolidDataset(`${root}${path}`, { fetch: session.fetch });
  for (const path of ["", "cv/", "cv/experience", "inbox/"]) await get(path);
  const note = `${root}van-de-app.txt`;
  await overwriteFile(note, new Blob(["ja"]), { fetch: session.fetch, contentType: "text/plain" });
  // Who else may see it is for the citizen to say: a rule that an app wrote would outlive the stop of that app.
  assert.equal((await session.fetch(`${root}.acl`)).status, 403);
});

check("an app that may change one section changes that one", async () => {
  const { clientId, redirectUrl } = await app("Schrijft mee");
  const session = await signIn({ clientId, redirectUrl }, only(["summary"], "veranderen"));
  const write = (path) => session.fetch(`${root}${path}`, {
    method: "PUT", headers: { "Content-Type": "text/turtle" }, body: "<#me> <http://schema.org/description> 'Hoi' .",
  });
  assert.equal((await write("cv/summary")).status, 204);
  for (const path of ["cv/experience", "cv/nieuw", "los", "cv/summary.acl", ".acl"]) {
    assert.equal((await write(path)).status, 403, path);
  }
});

check("an app goes on later with its refresh token, until the citizen stops it", async () => {
  const { clientId, redirectUrl } = await app("Blijft langer");
  const storage = new InMemoryStorage();
  const first = await signIn({ clientId, redirectUrl }, only(["experience"]), storage);
  const later = () => getSessionFromStorage(first.info.sessionId, { storage, refreshSession: true });
  const session = await later();
  assert.equal(session.info.webId, citizen.webId);
  assert.equal((await session.fetch(`${root}cv/experience`)).status, 200);
  assert.equal((await citizen.post("/regie/delen/stop-alles", {})).status, 200);
  assert.equal((await session.fetch(`${root}cv/experience`)).status, 403);
  assert.notEqual((await later().catch(() => undefined))?.info.isLoggedIn, true);
});

check("an app hears that the citizen said no", async () => {
  const { clientId, redirectUrl } = await app("Vraagt te veel");
  const session = await signIn({ clientId, redirectUrl }, [["antwoord", "nee"]]).catch((error) => error);
  assert.notEqual(session.info?.isLoggedIn, true);
  const answer = await fetch(`${root}cv/experience`);
  assert.equal(answer.status, 401);
});

check("signing out of the app leaves it without access", async () => {
  const { clientId, redirectUrl } = await app("Even kijken");
  const session = await signIn({ clientId, redirectUrl }, only(["experience"]));
  await session.logout({ logoutType: "app" });
  assert.equal(session.info.isLoggedIn, false);
  assert.equal((await session.fetch(`${root}cv/experience`)).status, 401);
});

check("signing out of the app and of the provider ends the citizen's session here", async () => {
  const { origin, clientId, redirectUrl } = await app("Helemaal klaar");
  const session = await signIn({ clientId, redirectUrl }, only(["experience"]));
  const postLogoutUrl = `${origin}/`;
  const url = await new Promise((handleRedirect, wrong) => {
    session.logout({ logoutType: "idp", postLogoutUrl, handleRedirect }).catch(wrong);
  });
  const answer = await citizen.get(url);
  assert.equal(answer.headers.get("location"), postLogoutUrl);
  assert.match((await citizen.get("/regie/instellingen")).headers.get("location"), /\/inloggen/);
});

await runAll();

// @inrupt/solid-client-authn-node by authorization code: the citizen answers our own page, the app gets what was chosen.
import assert from "node:assert/strict";
import { getSolidDataset, overwriteFile } from "@inrupt/solid-client";
import { Session } from "@inrupt/solid-client-authn-node";
import { app } from "./lib/app.mjs";
import { check, refusal, runAll } from "./lib/checks.mjs";
import { Citizen, EVERYTHING, only } from "./lib/citizen.mjs";

const [base] = process.argv.slice(2);
const citizen = await Citizen.signUp(base);
const root = citizen.storage;

/** Sign the citizen in to an app, with their answer to our question; the session. */
async function signIn(client, choice) {
  const session = new Session({ keepAlive: false });
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
  await overwriteFile(`${root}van-de-app.txt`, new Blob(["ja"]), { fetch: session.fetch, contentType: "text/plain" });
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

await runAll();

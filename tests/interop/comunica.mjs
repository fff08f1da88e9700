// @comunica/query-sparql-solid: one SPARQL query over documents in two pods, with the session of one citizen.
import assert from "node:assert/strict";
import { QueryEngine } from "@comunica/query-sparql-solid";
import { universalAccess } from "@inrupt/solid-client";
import { Session } from "@inrupt/solid-client-authn-node";
import { check, runAll } from "./lib/checks.mjs";
import { Citizen } from "./lib/citizen.mjs";

const [base] = process.argv.slice(2);
const [anna, bram] = [await Citizen.signUp(base), await Citizen.signUp(base)];
const sessions = [new Session({ keepAlive: false }), new Session({ keepAlive: false })];
const [annas, brams] = sessions;
await annas.login({ oidcIssuer: base, ...(await anna.tool("comunica")) });
await brams.login({ oidcIssuer: base, ...(await bram.tool("comunica")) });

const engine = new QueryEngine();
const work = (pod) => `${pod.storage}cv/experience`;
const PREFIXES = "PREFIX wp: <https://w3id.org/werkpod/cv#> PREFIX schema: <http://schema.org/>";
const session = { "@comunica/actor-http-inrupt-solid-client-authn:session": annas };
const roles = async (sources, context = session) => {
  const query = `${PREFIXES} SELECT ?role WHERE { ?job a wp:Experience ; schema:roleName ?role . } ORDER BY ?role`;
  await engine.invalidateHttpCache();
  const found = await engine.queryBindings(query, { sources, ...context });
  return (await found.toArray()).map((row) => row.get("role").value);
};
async function add(pod, signedIn, name) {
  const query = `${PREFIXES} INSERT DATA { <${work(pod)}#${name}> a wp:Experience ; schema:roleName "${name}" . }`;
  await engine.queryVoid(query, {
    sources: [work(pod)], destination: work(pod), "@comunica/actor-http-inrupt-solid-client-authn:session": signedIn,
  });
}

check("adds to documents in both pods", async () => {
  await add(anna, annas, "Kok");
  await add(bram, brams, "Bakker");
  assert.deepEqual(await roles([work(anna)]), ["Kok"]);
});

check("finds nothing in a pod that was not shared", async () => {
  const found = await roles([work(anna), work(bram)]).catch((error) => error);
  assert.match(String(found.message), /403/);
});

check("asks one question of two pods", async () => {
  await universalAccess.setAgentAccess(work(bram), anna.webId, { read: true }, { fetch: brams.fetch });
  assert.deepEqual(await roles([work(anna), work(bram)]), ["Bakker", "Kok"]);
});

check("joins what stands in two pods", async () => {
  const query = `${PREFIXES} PREFIX space: <http://www.w3.org/ns/pim/space#>
    SELECT ?pod (COUNT(?job) AS ?jobs) WHERE {
      ?who space:storage ?pod . ?job a wp:Experience . FILTER(STRSTARTS(STR(?job), STR(?pod)))
    } GROUP BY ?pod ORDER BY ?pod`;
  const sources = [anna.webId, bram.webId, work(anna), work(bram)].map((each) => each.split("#")[0]);
  const rows = await (await engine.queryBindings(query, { sources, ...session })).toArray();
  assert.deepEqual(rows.map((row) => row.get("jobs").value), ["1", "1"]);
  assert.deepEqual(rows.map((row) => row.get("pod").value), [anna.storage, bram.storage].sort());
});

check("deletes what it added", async () => {
  const query = `${PREFIXES} DELETE DATA { <${work(anna)}#Kok> a wp:Experience ; schema:roleName "Kok" . }`;
  await engine.queryVoid(query, { sources: [work(anna)], destination: work(anna), ...session });
  assert.deepEqual(await roles([work(anna)]), []);
});

await runAll();

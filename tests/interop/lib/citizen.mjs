// A citizen at a browser without scripts: cookies, forms and redirects at our own pages.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";

const PASSPHRASE = "vier rustige blauwe fietsen";

export class Citizen {
  #cookies = new Map();

  constructor(base) {
    this.base = base;
  }

  /** A new citizen of the server at `base`, signed in. */
  static async signUp(base) {
    const citizen = new Citizen(base);
    citizen.slug = `proef-${randomBytes(5).toString("hex")}`;
    const page = await citizen.post("/aanmelden", { naam: citizen.slug, wachtzin: PASSPHRASE });
    assert.equal(page.status, 200, await page.text());
    citizen.storage = `${base}/${citizen.slug}/`;
    citizen.webId = `${citizen.storage}profile/card#me`;
    return citizen;
  }

  async get(url) {
    return this.#send("GET", url);
  }

  async post(url, fields) {
    return this.#send("POST", url, new URLSearchParams(fields));
  }

  /** Credentials for a tool of one's own: `{ clientId, clientSecret }`. They open the whole pod. */
  async tool(label) {
    const page = await (await this.post("/regie/instellingen/hulpmiddel", { naam: label, zeker: "ja" })).text();
    const [, clientId, clientSecret] = [...page.matchAll(/<code[^>]*>([^<]+)<\/code>/g)].map((found) => found[1]);
    assert.ok(clientSecret, page);
    return { clientId, clientSecret };
  }

  /** Go where an app sends the browser and answer the question there; the address at the app that one ends at.
   *
   * `choice`: pairs of a form field and its value. */
  async answer(url, choice) {
    for (let step = 0; step < 10; step += 1) {
      const page = await this.get(url);
      if (page.status === 200) {
        const verzoek = new URL(url).searchParams.get("verzoek");
        assert.ok(verzoek, `no question here: ${url}\n${await page.text()}`);
        const answered = await this.post("/oauth/toestemming", [["verzoek", verzoek], ...choice]);
        assert.equal(answered.status, 303, await answered.text());
        return answered.headers.get("location");
      }
      assert.ok([302, 303, 307].includes(page.status), `${page.status} at ${url}: ${await page.text()}`);
      url = new URL(page.headers.get("location"), url).href;
      if (!url.startsWith(`${this.base}/`)) return url;
    }
    throw new Error(`redirected for ever, last to ${url}`);
  }

  async #send(method, url, body) {
    const headers = { Accept: "text/html", Origin: this.base };
    if (this.#cookies.size) headers.Cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(new URL(url, this.base), { method, body, headers, redirect: "manual" });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie);
      this.#cookies.set(name, value);
    }
    return response;
  }
}

/** Yes to everything, reading and changing, for a month. */
export const EVERYTHING = [["antwoord", "ja"], ["alles", "1"], ["zeker", "ja"], ["mag", "veranderen"], ["dagen", "30"]];

/** Yes to these sections only. */
export const only = (sections, may = "lezen") => [
  ["antwoord", "ja"],
  ...sections.map((section) => ["onderdeel", section]),
  ["mag", may],
  ["dagen", "30"],
];

// What `npm run lock` ends with: a lock file says versions and checksums, and names no place on the internet.
import { readFileSync, writeFileSync } from "node:fs";

const file = process.argv[2] ?? "package-lock.json";
const lock = JSON.parse(readFileSync(file, "utf8"));
for (const [name, entry] of Object.entries(lock.packages)) {
  delete entry.funding;
  delete entry.resolved;
  if (name && !entry.link && !entry.integrity) throw new Error(`${file}: ${name} has no checksum`);
}
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);

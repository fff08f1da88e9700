// Checks in a row: each prints one line of JSON when it is done. A later one may go on from what an earlier one did.
const checks = [];

/** Add a check: a name that says what holds, and a function that throws where it does not. */
export function check(name, run) {
  checks.push({ name, run });
}

/** Run all of them in their order, and end the process: clients keep timers and connections open. */
export async function runAll() {
  for (const { name, run } of checks) {
    const begin = Date.now();
    let wrong = "";
    try {
      await run();
    } catch (error) {
      wrong = String(error?.stack ?? error);
      for (let cause = error?.cause; cause; cause = cause.cause) wrong += `\ncaused by ${cause?.stack ?? cause}`;
    }
    console.log(JSON.stringify({ check: name, wrong, ms: Date.now() - begin }));
  }
  process.exit(0);
}

/** The status with which a promise of a client fails; throws where it does not fail. */
export async function refusal(promise) {
  try {
    await promise;
  } catch (error) {
    return error.statusCode ?? error.status ?? error.response?.status ?? 0;
  }
  throw new Error("this should have been refused");
}

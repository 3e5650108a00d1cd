// Grades pages of a site on this machine as Mozilla's HTTP Observatory does, with its own tests and its own sums, and
// prints the grade, the score and what took points of each as JSON: `node grade.js HOST HTTPS_PORT HTTP_PORT PATH...`.
// Its own `scan` knows no ports, and refuses to look at a page that answers 404.

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

// The list of hosts that browsers know beforehand, which its installation downloads: no host on this machine is on it.
const observatory = path.dirname(fileURLToPath(import.meta.resolve('@mdn/mdn-http-observatory/package.json')));
const known = path.join(observatory, 'conf', 'hsts-preload.json');
if (!fs.existsSync(known)) {
    fs.writeFileSync(known, '{}');
}

const load = (name) => import(path.join(observatory, 'src', name));
const { ALL_TESTS } = await load('constants.js');
const { getGradeForScore, getScoreModifier } = await load('grader/grader.js');
const { MINIMUM_SCORE_FOR_EXTRA_CREDIT } = await load('grader/charts.js');
const { retrieve } = await load('retriever/retriever.js');

const [host, httpsPort, httpPort, ...paths] = process.argv.slice(2);
const grades = {};
for (const each of paths) {
    const seen = await retrieve(host, { httpsPort: Number(httpsPort), httpPort: Number(httpPort), path: each });
    const results = ALL_TESTS.map((test) => test(seen)).filter((result) => result.result);
    const points = results.map((result) => [result.result, getScoreModifier(result.result)]);
    const lost = points.reduce((sum, [, change]) => sum + Math.min(change, 0), 100);
    const all = points.reduce((sum, [, change]) => sum + change, 100);
    const { grade, score } = getGradeForScore(lost >= MINIMUM_SCORE_FOR_EXTRA_CREDIT ? all : lost);
    grades[each] = {
        status: seen.responses.auto.status,
        verified: seen.responses.auto.verified,
        grade,
        score,
        points: Object.fromEntries(points),
    };
}
console.log(JSON.stringify(grades));

// What a request asks, for nginx's cache: the parameters that the pages know, sorted by name, each with its values in
// the order in which they stand. `tracker/finished.py` does the same in front of Django; a test holds the two together.

const KNOWN = [
    'before', 'claim_differs', 'department', 'gap', 'kind', 'known', 'made_after', 'made_before', 'on', 'origin', 'page',
    'per_page', 'programme', 'q', 'response', 'since', 'sort', 'status', 'strength', 'supporting', 'timeliness', 'topic',
    'until',
];
const LONGEST = 2000;  // characters
const UNKNOWN = '-';

function order(r) {
    const asked = r.variables.args || '';
    if (asked.length > LONGEST || !/^[!-~]*$/.test(asked)) {
        return UNKNOWN;
    }
    const pairs = asked.split('&').map((pair, place) => ({ name: pair.split('=', 1)[0], pair: pair, place: place }));
    if (!pairs.every((each) => KNOWN.includes(each.name) && each.pair.length > each.name.length)) {
        return UNKNOWN;
    }
    pairs.sort((one, other) => {
        if (one.name !== other.name) {
            return one.name < other.name ? -1 : 1;
        }
        return one.place - other.place;
    });
    return pairs.map((each) => each.pair).join('&');
}

export default { order };

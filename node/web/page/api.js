// Calls of the node's local API: Connect's JSON over HTTP.

const service = '/pdx.node.v1.NodeService/';
const patience = 25_000; // ms; the server gives a call 20 s
const storeKey = 'pdx-token';

// Refused is a call without the right token.
export class Refused extends Error {}

// Away is a node that did not answer.
export class Away extends Error {}

// takeToken moves the token out of the address bar, where others would read it,
// into this tab's own memory, where a reload finds it.
export function takeToken() {
  const given = new URLSearchParams(location.hash.slice(1)).get('token');
  if (given) {
    sessionStorage.setItem(storeKey, given);
    history.replaceState(null, '', location.pathname);
  }
  return sessionStorage.getItem(storeKey);
}

// call asks the node; it rejects with Refused, Away, or an Error in its words.
export async function call(method, request = {}) {
  let answer, body;
  try {
    answer = await fetch(service + method, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${takeToken() ?? ''}` },
      body: JSON.stringify(request),
      signal: AbortSignal.timeout(patience),
    });
    body = await answer.json();
  } catch (err) {
    throw new Away(err.message);
  }
  if (answer.ok) return body;
  if (answer.status === 401) throw new Refused(body.message);
  throw new Error(body.message || body.code || `status ${answer.status}`);
}

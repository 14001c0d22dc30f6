// Calls of the node's local API (Connect's JSON over HTTP), and the page's actions.

const service = '/pdx.node.v1.NodeService/';
const actions = '/act/';
const patience = 25_000; // ms; the server gives a call 20 s
const storeKey = 'pdx-token';

// Refused is a call without the right token; ended says that its session is over.
export class Refused extends Error {
  constructor(message, ended) {
    super(message);
    this.ended = ended;
  }
}

// Away is a node that did not answer.
export class Away extends Error {}

// Failed is an action that the node refused or could not do; code is the kind of failure.
export class Failed extends Error {
  constructor({ code, message }) {
    super(message || code);
    this.code = code;
  }
}

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

// dropToken ends the session in this tab.
export const dropToken = () => sessionStorage.removeItem(storeKey);

const bearer = () => `Bearer ${takeToken() ?? ''}`;

// call asks the node; it rejects with Refused, Away, or an Error in its words.
export async function call(method, request = {}) {
  let answer, body;
  try {
    answer = await fetch(service + method, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: bearer() },
      body: JSON.stringify(request),
      signal: AbortSignal.timeout(patience),
    });
    body = await answer.json();
  } catch (err) {
    throw new Away(err.message);
  }
  if (answer.ok) return body;
  throw refusal(answer.status, body, answer.headers.get('WWW-Authenticate'));
}

function refusal(status, body, header) {
  if (status === 401) return new Refused(body.message, (header ?? '').includes('ended'));
  return new Failed({ code: body.code, message: body.message || body.code || `status ${status}` });
}

// act does something; told hears of its progress. A body that is a text goes as it is.
export async function act(name, body = {}, { told, signal, query } = {}) {
  let answer;
  try {
    answer = await fetch(actions + name + (query ? `?${new URLSearchParams(query)}` : ''), {
      method: 'POST',
      headers: { 'Content-Type': body instanceof Blob ? 'application/octet-stream' : 'application/json', Authorization: bearer() },
      body: typeof body === 'string' || body instanceof Blob ? body : JSON.stringify(body),
      signal,
    });
    if (!answer.ok) throw refusal(answer.status, await answer.json(), answer.headers.get('WWW-Authenticate'));
    return await last(answer.body.pipeThrough(new TextDecoderStream()).getReader(), told);
  } catch (err) {
    if (err instanceof Refused || err instanceof Failed || err.name === 'AbortError') throw err;
    throw new Away(err.message);
  }
}

// last reads lines of JSON and is the result of the last one.
async function last(reader, told) {
  let rest = '', end = null;
  for (;;) {
    const { value, done } = await reader.read();
    const parts = (rest + (value ?? '')).split('\n');
    rest = parts.pop();
    for (const line of parts) end = heard(line, told) ?? end;
    if (done) break;
  }
  if (!end) throw new Away('the answer was cut off');
  if (end.error) throw new Failed(end.error);
  return end.result ?? null;
}

function heard(line, told) {
  if (!line) return null;
  const said = JSON.parse(line);
  if (!said.progress) return said;
  told?.(said.progress);
  return null;
}

// upload sends a file as a stream and is the data that it became. fetch says nothing of how
// much was sent, so this is an older way.
export function upload(file, told, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `${actions}upload?${new URLSearchParams({ name: file.name })}`);
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.setRequestHeader('Authorization', bearer());
    request.upload.addEventListener('progress', (e) => told({ step: 'sending', done: e.loaded, work: e.total }));
    request.addEventListener('progress', () => {
      const line = request.responseText.trimEnd().split('\n').pop();
      try { heard(line, told); } catch { /* half a line */ }
    });
    request.addEventListener('load', () => {
      try {
        const said = JSON.parse(request.responseText.trimEnd().split('\n').pop());
        if (request.status !== 200) reject(refusal(request.status, said, request.getResponseHeader('WWW-Authenticate')));
        else if (said.error) reject(new Failed(said.error));
        else resolve(said.result);
      } catch (err) {
        reject(new Away(err.message));
      }
    });
    request.addEventListener('error', () => reject(new Away('the upload was cut off')));
    request.addEventListener('abort', () => reject(new DOMException('stopped', 'AbortError')));
    signal?.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}

// Numbers, times and strangers' texts, as people read them.
import { h } from './dom.js';
import { lang } from './texts.js';

const umedPerMED = 1_000_000n;
const whole = new Intl.NumberFormat(lang);
// clock is the reader's local time with its zone.
const clock = new Intl.DateTimeFormat(lang === 'en' ? 'en-GB' : lang, { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', timeZoneName: 'short' });
const relative = new Intl.RelativeTimeFormat(lang, { numeric: 'auto' });

const days = new Intl.DateTimeFormat(lang === 'en' ? 'en-GB' : lang, { day: 'numeric', month: 'short', year: 'numeric' });
const months = new Intl.DateTimeFormat(lang === 'en' ? 'en-GB' : lang, { month: 'short', year: '2-digit', timeZone: 'UTC' });

// day is the local day of a time, month that of '2026-11'.
export const day = (iso) => h('time', { datetime: iso }, days.format(new Date(iso)));
export const month = (key) => months.format(new Date(`${key}-15T00:00:00Z`));

// umed is the digits of an amount; one that is not set is 0.
export const umed = (of) => BigInt(of?.amount ?? 0);

// med is an amount, {amount, denom}, in MED; amounts are exact, so they are never floats.
export function med(of) {
  const n = umed(of);
  const part = (n % umedPerMED).toString().padStart(6, '0').replace(/0+$/, '');
  return `${whole.format(n / umedPerMED)}${part && '.' + part} MED`;
}

export function bytes(n) {
  let value = Number(n ?? 0);
  for (const unit of ['B', 'KiB', 'MiB', 'GiB']) {
    if (value < 1024) return `${unit === 'B' ? value : value.toFixed(1)} ${unit}`;
    value /= 1024;
  }
  return `${value.toFixed(1)} TiB`;
}

// cut shows both ends of an address or a CID; all of it is in the title.
export function cut(id) {
  const text = visible(id);
  return h('code', { class: 'id', title: text }, text.length > 20 ? `${text.slice(0, 11)}…${text.slice(-6)}` : text || '–');
}

// full is an address or a CID to be copied.
export const full = (id) => h('code', { class: 'whole' }, visible(id) || '–');

// What would turn a line around, hide in it or break it.
const unseen = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;
const piled = /(\p{M}{3})\p{M}+/gu; // marks on marks
const longest = 400;

export function visible(text) {
  const clean = String(text ?? '').slice(0, 4 * longest).replace(unseen, ' ').replace(piled, '$1').trim();
  return clean.length > longest ? clean.slice(0, longest) + '…' : clean;
}

// raw is a word of the software that no language changes.
export const raw = (word) => h('span', { translate: 'no' }, visible(word));

// foreign is a stranger's text, kept apart from the page's own words.
export const foreign = (text, none = '') => h('bdi', { class: 'foreign' }, visible(text) || none);

// when is a time that says how far it is, and goes on saying so.
export function when(iso, what = 'near') {
  const el = h('time', { datetime: iso, title: clock.format(new Date(iso)), 'data-kind': what });
  el.textContent = tell(el);
  return el;
}

export const at = (iso) => h('time', { datetime: iso }, clock.format(new Date(iso)));

// retell brings all that when made up to date.
export function retell() {
  for (const el of document.querySelectorAll('time[data-kind]')) {
    const text = tell(el);
    if (el.textContent !== text) el.textContent = text;
  }
}

function tell(el) {
  const seconds = (new Date(el.dateTime) - Date.now()) / 1000;
  for (const [unit, size] of [['day', 86400], ['hour', 3600], ['minute', 60]]) {
    if (Math.abs(seconds) >= size * 1.5) return relative.format(Math.round(seconds / size), unit);
  }
  return relative.format(Math.round(seconds), 'second');
}

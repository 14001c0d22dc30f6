// Making and updating the page. Text only ever becomes text: there is no way
// here from a string to markup.

const attributes = new Set([
  'class', 'id', 'title', 'href', 'datetime', 'max', 'value', 'tabindex', 'role', 'scope', 'open',
  'aria-label', 'aria-current', 'aria-hidden', 'data-mark', 'data-key', 'data-part', 'data-kind', 'translate',
  'type', 'for', 'name', 'placeholder', 'min', 'step', 'checked', 'disabled', 'required', 'autocomplete', 'inputmode', 'rows', 'selected',
  'multiple', 'accept', 'maxlength', 'hidden', 'spellcheck', 'aria-describedby', 'aria-labelledby', 'aria-live', 'aria-busy',
]);

// h makes an element: h('p', {class: 'x'}, 'text', element, [more], null).
export function h(tag, props, ...children) {
  const el = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (!attributes.has(name)) throw new Error(`attribute ${name}`);
    if (name === 'href' && !String(value).startsWith('#')) throw new Error('links stay on this page');
    el.setAttribute(name, value === true ? '' : value);
  }
  el.append(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false && c !== ''));
  return el;
}

// s makes an element of a drawing: s('svg', {viewBox: '0 0 9 9'}, …).
export function s(tag, props, ...children) {
  const el = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (!drawing.has(name)) throw new Error(`attribute ${name}`);
    el.setAttribute(name, value);
  }
  el.append(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false && c !== ''));
  return el;
}

const drawing = new Set(['viewBox', 'class', 'role', 'aria-label', 'aria-hidden', 'x', 'y', 'x1', 'y1', 'x2', 'y2', 'width', 'height', 'd', 'rx', 'points',
  'text-anchor', 'preserveAspectRatio', 'translate']);

// on listens and is the element, so that it can be put where it is made.
export function on(el, event, listener) {
  el.addEventListener(event, listener);
  return el;
}

// sentence is text of the page's own with `commands` in it.
export const sentence = (text) => text.split('`').map((t, i) => (i % 2 ? h('code', null, t) : t));

// setText changes a text only when it differs, so that nothing flickers and
// nothing selected is lost.
export function setText(el, text) {
  if (el.textContent !== text) el.textContent = text;
}

const made = new WeakMap(); // element → the JSON that it was made of

// keyed makes parent show items, in their order, with view(item) each. Elements
// of items that did not change stay as they are; one that is made anew keeps
// what was unfolded and focused in it. An empty list shows none.
export function keyed(parent, items, keyOf, view, none) {
  const list = items.length ? items : none ? [{ none }] : [];
  const before = new Map([...parent.children].map((el) => [el.dataset.key, el]));
  let at = parent.firstElementChild;
  for (const item of list) {
    const key = item.none ? 'none' : String(keyOf(item));
    const json = JSON.stringify(item);
    let el = before.get(key);
    before.delete(key);
    if (!el || made.get(el) !== json) {
      const fresh = item.none ? h('p', { class: 'none' }, sentence(item.none)) : view(item);
      fresh.dataset.key = key;
      made.set(fresh, json);
      if (el) {
        if (el === at) at = fresh;
        replace(el, fresh);
      }
      el = fresh;
    }
    if (el === at) at = at.nextElementSibling;
    else parent.insertBefore(el, at);
  }
  for (const gone of before.values()) gone.remove();
}

function replace(old, fresh) {
  for (const part of old.querySelectorAll('details[open][data-part]')) {
    const same = find(fresh, part.dataset.part);
    if (same) same.open = true;
  }
  const focused = old.contains(document.activeElement) ? document.activeElement.closest('[data-part]') : null;
  old.replaceWith(fresh);
  const same = focused && find(fresh, focused.dataset.part);
  if (same) (same.querySelector('summary') ?? same).focus({ preventScroll: true });
}

const find = (el, part) => el.querySelector(`[data-part="${CSS.escape(part)}"]`);

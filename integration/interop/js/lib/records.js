// Records of NDJSON, and what of them is disclosed: docs/spec/criteria.md, Pointers and Projection.

export const isObject = (v) => v !== null && typeof v === 'object' && !Array.isArray(v)

export const tokens = (pointer) => pointer.split('/').slice(1).map((t) => t.replaceAll('~1', '/').replaceAll('~0', '~'))

// parse reads a record. JavaScript's parser takes a member twice and rounds numbers: a record
// that it would not write as it was read gets no judgement here.
export function parse(line) {
  const record = JSON.parse(line)
  const minimal = line.replace(/("(?:[^"\\]|\\.)*")|\s+/g, '$1')
  if (JSON.stringify(record) !== minimal) throw new Error('a record whose tokens JavaScript does not keep cannot be judged')
  return record
}

export const lines = (ndjson) => ndjson.split('\n').filter((line) => line.trim() !== '')

// below returns the rests of the paths that begin with a name.
export const below = (paths, name) => paths.filter((p) => p[0] === name).map((p) => p.slice(1))

// cut returns the projection of a value, or undefined if it has none.
function cut(value, paths) {
  if (paths.some((p) => p.length === 0)) return value
  if (Array.isArray(value)) return value.map((element) => cut(element, paths) ?? null)
  if (!isObject(value)) return undefined
  const out = {}
  for (const [name, member] of Object.entries(value)) {
    const rest = below(paths, name)
    const kept = rest.length > 0 ? cut(member, rest) : undefined
    if (kept !== undefined) out[name] = kept
  }
  return out
}

// project returns NDJSON with the disclosed fields of each record.
export function project(ndjson, pointers) {
  const paths = pointers.map(tokens)
  return lines(ndjson).map((line) => JSON.stringify(cut(parse(line), paths)) + '\n').join('')
}

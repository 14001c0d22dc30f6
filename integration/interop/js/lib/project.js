// Projection of records to disclosed fields: docs/spec/criteria.md, Projection. Numbers pass
// through JavaScript's, so data whose numbers do not survive that are refused.

const tokens = (pointer) => pointer.split('/').slice(1).map((t) => t.replaceAll('~1', '/').replaceAll('~0', '~'))
const isObject = (v) => v !== null && typeof v === 'object' && !Array.isArray(v)

// cut returns the projection of a value, or undefined if it has none.
function cut(value, paths) {
  if (paths.some((p) => p.length === 0)) return value
  if (Array.isArray(value)) return value.map((element) => cut(element, paths) ?? null)
  if (!isObject(value)) return undefined
  const out = {}
  for (const [name, member] of Object.entries(value)) {
    const below = paths.filter((p) => p[0] === name).map((p) => p.slice(1))
    const kept = below.length > 0 ? cut(member, below) : undefined
    if (kept !== undefined) out[name] = kept
  }
  return out
}

// project returns NDJSON with the disclosed fields of each record.
export function project(ndjson, pointers) {
  const paths = pointers.map(tokens)
  const lines = ndjson.split('\n').filter((line) => line.trim() !== '')
  return lines.map((line) => {
    const record = JSON.parse(line)
    if (JSON.stringify(record) !== line.trim()) throw new Error('a record would not keep its tokens')
    return JSON.stringify(cut(record, paths)) + '\n'
  }).join('')
}

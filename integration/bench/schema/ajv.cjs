// Checks files of records with Ajv, compiled, first error only, formats on. Each line of
// standard input is a request: {"schema", "branch", "file", "megabytes"}: a file with a
// schema, a name in its definitions or nothing, a file of NDJSON, and how much to check at
// least. The answer is a line, too: {"records", "valid", "rate"}, the last in MB for each
// second of processor time, JSON.parse included.
const fs = require('fs')
const path = require('path')
const modules = process.argv[2]
const load = (name) => require(path.resolve(modules, name))
const Ajv = load('ajv')
const Ajv2020 = load('ajv/dist/2020')
const formats = load('ajv-formats')

const compiled = new Map()

function validator(file, branch) {
  const key = `${file} ${branch}`
  if (compiled.has(key)) return compiled.get(key)
  const schema = JSON.parse(fs.readFileSync(file))
  const fhir = String(schema.$schema).includes('draft-06')
  delete schema.id // of draft 04, in FHIR's schema; the rest is draft 06
  schema.$id = `http://example.org/${compiled.size}`
  const ajv = new (fhir ? Ajv : Ajv2020.default || Ajv2020)({ strict: false, logger: false })
  ;(formats.default || formats)(ajv)
  if (fhir) ajv.addMetaSchema(load('ajv/dist/refs/json-schema-draft-06.json'))
  ajv.addSchema(schema)
  const check = branch ? ajv.compile({ $ref: `${schema.$id}#/definitions/${branch}` }) : ajv.getSchema(schema.$id)
  compiled.set(key, check)
  return check
}

function answer({ schema, branch, file, megabytes }) {
  const check = validator(schema, branch)
  const raw = fs.readFileSync(file)
  const lines = raw.toString().split('\n').filter((line) => line)
  const valid = lines.filter((line) => check(JSON.parse(line))).length
  const times = Math.ceil((megabytes * 1e6) / raw.length)
  const before = process.cpuUsage()
  for (let n = 0; n < times; n++) for (const line of lines) check(JSON.parse(line))
  const used = process.cpuUsage(before)
  return { records: lines.length, valid, rate: (times * raw.length) / (used.user + used.system) }
}

require('readline')
  .createInterface({ input: process.stdin })
  .on('line', (line) => console.log(JSON.stringify(answer(JSON.parse(line)))))

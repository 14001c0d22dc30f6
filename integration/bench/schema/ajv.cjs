// Checks files of FHIR records with Ajv, compiled, first error only, formats on, and prints
// a line of JSON for each: {"name", "records", "valid", "whole", "branch"}. The two are MB
// for each second of processor time, by the whole schema and by the branch of its oneOf
// that the records are of.
const fs = require('fs')
const path = require('path')
const [, , modules, schemaFile, ...files] = process.argv
const load = (name) => require(path.resolve(modules, name))
const Ajv = load('ajv')
const formats = load('ajv-formats')

const schema = JSON.parse(fs.readFileSync(schemaFile))
delete schema.id // of draft 04; the rest is draft 06
schema.$id = 'http://hl7.example/fhir'
const ajv = new Ajv({ strict: false, logger: false })
;(formats.default || formats)(ajv)
ajv.addMetaSchema(load('ajv/dist/refs/json-schema-draft-06.json'))
ajv.addSchema(schema)
const whole = ajv.getSchema(schema.$id)

// rate is the best of five runs after one that warms up.
function rate(check, raw, lines) {
  const times = Math.ceil(500000 / raw.length)
  let best = 0
  for (let run = 0; run < 6; run++) {
    const before = process.cpuUsage()
    for (let n = 0; n < times; n++) for (const line of lines) check(JSON.parse(line))
    const used = process.cpuUsage(before)
    if (run > 0) best = Math.max(best, (times * raw.length) / (used.user + used.system))
  }
  return best
}

for (const file of files) {
  const name = path.basename(file, '.ndjson')
  const raw = fs.readFileSync(file)
  const lines = raw.toString().split('\n').filter((line) => line)
  const branch = ajv.compile({ $ref: `${schema.$id}#/definitions/${name}` })
  const valid = lines.filter((line) => whole(JSON.parse(line)) && branch(JSON.parse(line))).length
  const result = { name, records: lines.length, valid, whole: rate(whole, raw, lines), branch: rate(branch, raw, lines) }
  console.log(JSON.stringify(result))
}

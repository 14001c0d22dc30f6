// Package accept recognizes valid records fast. It answers "valid" or does not answer: then
// the evaluator of package criteria, the judge, decides and explains.
//
// A Program is made of a compiled schema and of the fields that records may have. A Matcher
// runs it over the bytes of a record in one pass that reads JSON as strictly as package
// strict, finds members that are there twice or are not disclosed, and evaluates the schema;
// it builds nothing. Subschemas on the same value (allOf, anyOf, not…) walk over the value
// again. Whatever is rare makes a Matcher give up: escapes in names, keywords that count
// what others evaluated, dynamic references, large exponents.
//
// It also gives up where the judge might run out of the steps that it may spend on a record:
// a Matcher spends at least as many for the same work. So whether this package is used
// changes no verdict, no finding and no error, which tests of package criteria check over
// JSON-Schema-Test-Suite, FHIR records, and schemas and records at random.
package accept

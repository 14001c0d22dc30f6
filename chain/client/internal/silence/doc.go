// Package silence notices that an endpoint of a chain does not answer, on its connections and in
// its calls, and says so in one sentence.
package silence

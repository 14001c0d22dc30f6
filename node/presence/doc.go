// Package presence makes a node known where it plays a role: it announces the node and what it
// serves, joins the topics of its pools, and publishes notices there. It also says, from the
// chain, who may publish there.
package presence

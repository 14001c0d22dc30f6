// Package soak trades for a long time among strangers: nodes with the settings that
// `pdx init` writes, on public addresses, beside a crowd of hostile peers, while
// processes are killed and stopped, the chain is away, endpoints hang, disks fill,
// addresses change and clocks step. `make soak-strangers` runs it.
//
// What happens when follows from a seed (plan.go); each kind of disturbance is a file
// disturb_NAME.go with a beginning and an end, listed in plan.go. Each way in which the
// hostile peers misbehave is a file hostile_NAME.go, listed in crowd.go. At the end
// check.go waits until all is at rest and finds what is wrong, by outcomes and never by
// how long they took, and report.go prints what happened.
//
// It needs Linux, root, and network namespaces.
package soak

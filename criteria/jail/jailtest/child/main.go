// Command child is a program that tests start as a child: it is built without the race
// detector, whose memory no limit fits.
package main

import (
	"github.com/medibloc/pdx/criteria/jail"
	"github.com/medibloc/pdx/criteria/jail/jailtest/harm"
)

func main() { jail.Main(harm.Formats()) }

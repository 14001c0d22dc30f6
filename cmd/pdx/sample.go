package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/sample"
)

func (a *app) sampleCommand() *cobra.Command {
	o := sample.Options{}
	kind, out, criteria := "", "", false
	cmd := &cobra.Command{
		Use: "sample", Short: "Make synthetic FHIR R4 records, or criteria that want them", Args: exactly(0),
		Long: `Make realistic synthetic FHIR R4 patients or observations, one record a line.
They are nobody's: the same seed always makes the same people. With --criteria
a criteria document is made instead that such records satisfy.`,
		Example: "  pdx sample --kind Patient --patients 1000 --out patients.ndjson\n" +
			"  pdx sample --kind Observation --patients 100 --observations 20 --seed 7 > vitals.ndjson\n" +
			"  pdx sample --kind Patient --criteria --out criteria.json",
		RunE: func(*cobra.Command, []string) error {
			o.Kind = sample.Kind(kind)
			return a.intoFile(out, func(w io.Writer) error {
				if !criteria {
					return sample.Generate(w, o)
				}
				document, err := sample.Criteria(o.Kind)
				if err == nil {
					_, err = w.Write(document)
				}
				return err
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&kind, "kind", string(sample.Patient), "Patient or Observation")
	flags.Uint64Var(&o.Patients, "patients", 100, "how many people")
	flags.Uint64Var(&o.Observations, "observations", 10, "how many observations of each, with --kind Observation")
	flags.Uint64Var(&o.Seed, "seed", 1, "chooses the people")
	flags.Uint64Var(&o.Broken, "broken", 0, "make every so-manieth record break the criteria")
	flags.BoolVar(&criteria, "criteria", false, "make the criteria document instead")
	flags.StringVar(&out, "out", "", "file to write (default: standard output)")
	return cmd
}

// intoFile gives write a new file, or standard output if none is named. A file
// that is there already is not overwritten; one that could not be finished goes.
func (a *app) intoFile(name string, write func(io.Writer) error) error {
	if name == "" {
		return write(a.out)
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s: %w: there is such a file already; name another", name, pdx.ErrWrongState)
	}
	if err != nil {
		return err
	}
	err = write(f)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		_ = os.Remove(name) // it holds half of something
	}
	return err
}

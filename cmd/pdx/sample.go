package main

import (
	"errors"
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
		Use: "sample", Args: a.exactly(0),
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
	flags.StringVar(&kind, "kind", string(sample.Patient), "")
	flags.Uint64Var(&o.Patients, "patients", 100, "")
	flags.Uint64Var(&o.Observations, "observations", 10, "")
	flags.Uint64Var(&o.Seed, "seed", 1, "")
	flags.Uint64Var(&o.Broken, "broken", 0, "")
	flags.BoolVar(&criteria, "criteria", false, "")
	flags.StringVar(&out, "out", "", "")
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
		return a.fail(pdx.ErrWrongState, "file.exists", "file", name)
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

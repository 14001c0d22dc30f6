package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx/node/config"
)

func (a *app) configCommand() *cobra.Command {
	return a.group("config",
		a.configListCommand(), a.configGetCommand(), a.configSetCommand(), a.configUnsetCommand(), a.configCheckCommand())
}

// setting is how JSON shows a setting.
type setting struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	From  string `json:"from"`
}

func (a *app) configListCommand() *cobra.Command {
	return &cobra.Command{
		Use: "list", Args: a.exactly(0),
		RunE: func(*cobra.Command, []string) error {
			list, err := a.settings()
			if err != nil {
				return err
			}
			if a.json {
				return a.line(map[string]any{"settings": list})
			}
			p := a.printer(a.out)
			r := p.rows("setting", "value", "from")
			for _, s := range list {
				r.add(s.Name, s.Value, a.t("config.from."+s.From))
			}
			p.table(r, "config.none")
			return nil
		},
	}
}

func (a *app) configGetCommand() *cobra.Command {
	return &cobra.Command{
		Use: "get NAME", Args: a.exactly(1), ValidArgsFunction: settingNames,
		RunE: func(_ *cobra.Command, args []string) error {
			if err := config.CheckName(args[0]); err != nil {
				return err
			}
			list, err := a.settings()
			if err != nil {
				return err
			}
			found := list[slices.IndexFunc(list, func(s setting) bool { return s.Name == args[0] })]
			if a.json {
				return a.line(found)
			}
			_, err = fmt.Fprintln(a.out, clean(found.Value))
			return err
		},
	}
}

func (a *app) configSetCommand() *cobra.Command {
	return &cobra.Command{
		Use: "set NAME VALUE", Args: a.exactly(2), ValidArgsFunction: settingNames,
		RunE: func(_ *cobra.Command, args []string) error {
			return a.changed(args[0], func() error { return config.Set(a.home, args[0], args[1]) })
		},
	}
}

func (a *app) configUnsetCommand() *cobra.Command {
	return &cobra.Command{
		Use: "unset NAME", Args: a.exactly(1), ValidArgsFunction: settingNames,
		RunE: func(_ *cobra.Command, args []string) error {
			return a.changed(args[0], func() error { return config.Unset(a.home, args[0]) })
		},
	}
}

// changed changes a setting in the file and says what a node will take for it, and when.
func (a *app) changed(name string, change func() error) error {
	if err := a.initialised(); err != nil {
		return err
	}
	before, err := config.Load(a.home)
	if err != nil {
		return err
	}
	if err := change(); err != nil {
		return err
	}
	after, err := config.Load(a.home)
	if err != nil {
		return err
	}
	restart, err := before.NeedRestart(after)
	if err != nil {
		return err
	}
	list, err := a.settings()
	if err != nil {
		return err
	}
	now := list[slices.IndexFunc(list, func(s setting) bool { return s.Name == name })]
	if a.json {
		return a.line(map[string]any{"setting": now, "needs_restart": len(restart) > 0})
	}
	p := a.printer(a.out)
	p.say("config.now", "name", name, "value", now.Value)
	switch {
	case now.From == config.FromEnvironment:
		p.say("config.overridden", "name", name)
	case len(restart) > 0:
		p.say("config.restart")
	}
	return nil
}

func (a *app) configCheckCommand() *cobra.Command {
	return &cobra.Command{
		Use: "check", Args: a.exactly(0),
		RunE: func(*cobra.Command, []string) error {
			if err := a.initialised(); err != nil {
				return err
			}
			cfg, err := config.Load(a.home)
			if err != nil {
				return err
			}
			if a.json {
				return a.line(map[string]any{"file": config.File(a.home), "warnings": append([]string{}, cfg.Warnings...)})
			}
			p := a.printer(a.out)
			for _, warning := range cfg.Warnings {
				p.say("config.warning", "warning", warning)
			}
			p.say("config.fine", "file", config.File(a.home))
			return nil
		},
	}
}

// settings lists what a node of this home would read now.
func (a *app) settings() (list []setting, err error) {
	if err := a.initialised(); err != nil {
		return nil, err
	}
	read, err := config.Settings(a.home)
	for _, s := range read {
		list = append(list, setting(s))
	}
	return list, err
}

// settingNames completes the first argument.
func settingNames(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return config.Names(), cobra.ShellCompDirectiveNoFileComp
}

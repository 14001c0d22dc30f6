package main

import (
	"context"
	"errors"
	"os"
	"os/user"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx/contrib"
	"github.com/medibloc/pdx/node/config"
	"github.com/medibloc/pdx/node/home"
)

// What the unit in contrib names.
const (
	unitUser    = "pdx"
	unitState   = "/var/lib/pdx"
	unitHome    = "/var/lib/pdx/node"
	unitProgram = "/usr/local/bin/pdx"
	unitFile    = "/etc/systemd/system/pdx.service"
	unitSecrets = "/etc/pdx"
	// sealedSecret is the passphrase, encrypted with a key of this machine; plainSecret is it where systemd
	// cannot encrypt.
	sealedSecret = "/etc/pdx/passphrase.cred"
	plainSecret  = "/etc/pdx/passphrase"
)

// installUnit plans the installation for systemd.
func (s *service) installUnit(cmd *cobra.Command) (steps []serviceStep, err error) {
	account, err := s.account(unitUser)
	if unknown := user.UnknownUserError(""); errors.As(err, &unknown) {
		steps = append(steps, s.command("useradd", "--system", "--user-group", "--home-dir", unitState, "--shell", "/usr/sbin/nologin", unitUser))
	} else if err != nil {
		return nil, err
	}
	steps = append(steps, s.folder(unitState, account), s.folder(unitSecrets, nil))
	secret, err := s.secret(cmd)
	if err != nil {
		return nil, err
	}
	steps = append(steps, secret...)
	steps = append(steps, s.writes(unitFile, s.unit(), 0o644), s.command("systemctl", "daemon-reload"))
	switch {
	case !s.exists(config.File(unitHome)):
		return append(steps, note(s.t(
			"service.init_first",
			"command",
			"runuser -u "+unitUser+" -- "+s.program+" --home "+unitHome+" init",
			"again",
			strings.Join([]string{s.program, "service", "install"}, " "),
		))), nil
	case s.start:
		return append(steps, s.command("systemctl", "enable", "pdx"), s.command("systemctl", "restart", "pdx")), nil
	}
	return append(steps, note(s.t("service.start_later", "command", strings.Join([]string{"systemctl", "enable", "--now", "pdx"}, " ")))), nil
}

// unit is the unit in contrib for this program and this machine.
func (s *service) unit() string {
	unit := strings.ReplaceAll(contrib.SystemdUnit, "ExecStart="+unitProgram, "ExecStart="+systemdPath(s.program))
	if !s.seals() {
		unit = strings.ReplaceAll(unit, "LoadCredentialEncrypted="+credential+":"+sealedSecret, "LoadCredential="+credential+":"+plainSecret)
	}
	return unit
}

// systemdPath is a path as a unit has it: quoted, and without what systemd would replace.
func systemdPath(path string) string {
	path = strings.NewReplacer("%", "%%", "$", "$$").Replace(path)
	if strings.ContainsAny(path, " \t\"'\\;") {
		return strconv.Quote(path)
	}
	return path
}

// seals reports whether systemd can encrypt a credential.
func (s *service) seals() bool { return s.has("systemd-creds") }

// secret are the steps that hand the passphrase to systemd. One that is there stays, unless another is
// given.
func (s *service) secret(cmd *cobra.Command) ([]serviceStep, error) {
	name, text := plainSecret, s.t("service.stores", "file", plainSecret)
	if s.seals() {
		name, text = sealedSecret, s.t("service.seals", "file", sealedSecret)
	}
	if given, _ := cmd.Flags().GetString("passphrase-file"); s.exists(name) && given == "" {
		return []serviceStep{note(s.t("service.keeps", "file", name))}, nil
	}
	words, err := "", error(nil)
	if !s.dry {
		words, err = s.servicePassphrase(cmd)
	}
	if err != nil {
		return nil, err
	}
	return []serviceStep{{text, func(ctx context.Context) error {
		if s.seals() {
			return s.run(ctx, words, "systemd-creds", "encrypt", "--name="+credential, "-", s.path(name))
		}
		return s.writes(name, words+"\n", 0o600).do(ctx)
	}}}, nil
}

// servicePassphrase takes the passphrase, which must be that of the node if there is one.
func (s *service) servicePassphrase(cmd *cobra.Command) (string, error) {
	there := s.exists(config.File(unitHome))
	words, err := s.passphrase(cmd, !there)
	if err == nil && there {
		err = home.CheckPassphrase(s.path(unitHome), words)
	}
	return words, err
}

// folder is the step that makes a folder that only its owner can open; nil is the one who installs. The
// account may be made by a step before.
func (s *service) folder(name string, owner *user.User) serviceStep {
	return serviceStep{s.t("service.makes", "folder", name), func(context.Context) error {
		if err := os.MkdirAll(s.path(name), 0o700); err != nil {
			return err
		}
		if name == unitSecrets {
			return nil
		}
		var err error
		if owner == nil {
			if owner, err = s.account(unitUser); err != nil {
				return err
			}
		}
		uid, uidErr := strconv.Atoi(owner.Uid)
		gid, gidErr := strconv.Atoi(owner.Gid)
		if err := errors.Join(uidErr, gidErr); err != nil {
			return err
		}
		return os.Chown(s.path(name), uid, gid)
	}}
}

// uninstallUnit plans the removal; nothing if the service is not installed. The node stays.
func (s *service) uninstallUnit() (steps []serviceStep) {
	if s.exists(unitFile) {
		steps = append(steps, s.command("systemctl", "disable", "--now", "pdx"), s.removes(unitFile), s.command("systemctl", "daemon-reload"))
	}
	for _, name := range []string{sealedSecret, plainSecret} {
		if s.exists(name) {
			steps = append(steps, s.removes(name))
		}
	}
	if len(steps) > 0 {
		steps = append(steps, note(s.t("service.stays", "folder", unitState, "user", unitUser)))
	}
	return steps
}

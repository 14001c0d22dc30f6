package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/durable"
	"github.com/medibloc/pdx/node"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/backup"
	"github.com/medibloc/pdx/node/config"
	"github.com/medibloc/pdx/node/home"
)

func (a *app) backupCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "backup FILE", Args: a.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.backup(cmd, args[0]) },
	}
	flags := cmd.Flags()
	flags.String("backup-passphrase-file", "", "")
	flags.Bool("without-blobs", false, "")
	flags.String("max-size", "", "")
	flags.Bool("overwrite", false, "")
	passphraseFlag(cmd)
	return cmd
}

func (a *app) backup(cmd *cobra.Command, file string) error {
	if err := a.initialised(); err != nil {
		return err
	}
	options, err := a.backupOptions(cmd)
	if err != nil {
		return err
	}
	overwrite, _ := cmd.Flags().GetBool("overwrite")
	if _, err := os.Lstat(file); err == nil && !overwrite {
		return a.fail(pdx.ErrWrongState, "backup.exists", "file", file)
	}
	own, words, err := a.backupPassphrases(cmd)
	if err != nil {
		return err
	}
	reading := a.newGauge()
	options.By = node.Version
	options.Show = func(done, work uint64) { reading.set(a.t("progress.backing_up"), done, work) }
	made := time.Now()
	sum, err := a.writeBackup(cmd.Context(), file, own, words, options)
	reading.hide()
	if err != nil {
		return err
	}
	if err := home.NoteBackup(a.home, made); err != nil {
		printFolded(a.err, a.t("init.warning", "warning", a.t("backup.unnoted", "cause", err)), foldIndent)
	}
	return a.showBackup(file, sum)
}

func (a *app) backupOptions(cmd *cobra.Command) (o home.Options, err error) {
	o.WithoutBlobs, _ = cmd.Flags().GetBool("without-blobs")
	text, _ := cmd.Flags().GetString("max-size")
	if text == "" {
		return o, nil
	}
	if o.MaxBytes, err = humanize.ParseBytes(text); err != nil || o.MaxBytes == 0 {
		return o, a.fail(errUsage, "backup.bad_size", "size", text)
	}
	return o, nil
}

// backupPassphrases are the home's, which must be right, and the backup's.
func (a *app) backupPassphrases(cmd *cobra.Command) (own, words string, err error) {
	if own, err = a.passphrase(cmd, false); err != nil {
		return "", "", err
	}
	// Tried now: a file that opens with a mistyped passphrase is found out too late.
	if err := home.CheckPassphrase(a.home, own); err != nil {
		return "", "", err
	}
	other, _ := cmd.Flags().GetString("backup-passphrase-file")
	if other == "" {
		return own, own, nil
	}
	words, err = a.passphraseFromFile(other)
	if err == nil && len(words) < minPassphrase {
		err = a.fail(pdx.ErrInvalid, "backup.short_passphrase", "n", minPassphrase)
	}
	return own, words, err
}

// writeBackup writes the file whole, durably and under its name, or not at all.
func (a *app) writeBackup(ctx context.Context, file, own, words string, o home.Options) (sum backup.Summary, err error) {
	out, err := os.CreateTemp(filepath.Dir(file), ".pdx-backup-") // mode 0600
	if err != nil {
		return sum, a.fail(err, "file.not_written", "file", file, "cause", err)
	}
	defer func() { out.Close(); os.Remove(out.Name()) }() // after the rename there is none
	sealed, err := backup.Encrypt(out, words, a.workFactor)
	if err != nil {
		return sum, err
	}
	if sum, err = a.copyHome(ctx, own, sealed, o); err != nil {
		return sum, err
	}
	if err := errors.Join(sealed.Close(), out.Sync(), out.Close()); err != nil {
		return sum, a.fail(err, "file.not_written", "file", file, "cause", err)
	}
	return sum, durable.Rename(out.Name(), file)
}

// copyHome writes the archive, made by the daemon or, if none runs, here.
func (a *app) copyHome(ctx context.Context, passphrase string, w io.Writer, o home.Options) (backup.Summary, error) {
	client, err := a.client(ctx)
	if err == nil {
		return a.copyFromDaemon(ctx, client, w, o)
	}
	if !errors.Is(err, pdx.ErrUnavailable) {
		return backup.Summary{}, err
	}
	cfg, err := config.Load(a.home)
	if err != nil {
		return backup.Summary{}, err
	}
	opened, err := home.Open(ctx, a.home, passphrase)
	if err != nil {
		return backup.Summary{}, err
	}
	sum, err := home.Backup(ctx, cfg, opened, w, o)
	return sum, errors.Join(err, opened.Close())
}

func (a *app) copyFromDaemon(ctx context.Context, client api.Client, w io.Writer, o home.Options) (backup.Summary, error) {
	stream, err := client.Backup(ctx, &nodepb.BackupRequest{WithoutBlobs: o.WithoutBlobs, MaxBytes: o.MaxBytes})
	if err != nil {
		return backup.Summary{}, err
	}
	defer stream.Close()
	for stream.Receive() {
		piece := stream.Msg()
		if _, err := w.Write(piece.Data); err != nil {
			return backup.Summary{}, err
		}
		o.Show(piece.Done, piece.Work)
		if piece.Summary != nil {
			return api.ToSummary(piece.Summary), nil
		}
	}
	if err := stream.Err(); err != nil {
		return backup.Summary{}, api.FromStatus(err)
	}
	return backup.Summary{}, a.fail(pdx.ErrUnavailable, "backup.cut")
}

func (a *app) showBackup(file string, sum backup.Summary) error {
	size := int64(0)
	if info, err := os.Stat(file); err == nil {
		size = info.Size()
	}
	if a.json {
		return a.line(map[string]any{"file": file, "size": size, "files": sum.Files, "bytes": sum.Bytes, "not_copied": listedJSON(sum.Listed)})
	}
	p := a.printer(a.out)
	p.facts("file", file, "size", bytesText(uint64(size)), "files", fmt.Sprint(sum.Files))
	p.listed(p.t("backup.not_copied"), sum.Listed)
	return nil
}

// listed prints what a backup does not have.
func (p printer) listed(head string, list []backup.Listed) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(p.w, "\n%s\n", head)
	for _, l := range list {
		what := p.t("backup.a_sale")
		if l.Deal != 0 {
			what = p.t("deal.number", "deal", l.Deal)
		}
		p.say("backup.listed", "what", what, "role", nameOf(p.texts, "role.", string(l.Role)), "size", bytesText(l.Bytes), "why", l.Why)
	}
}

func listedJSON(list []backup.Listed) []backup.Listed {
	if list == nil {
		return []backup.Listed{}
	}
	return list
}

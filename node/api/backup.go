package api

import (
	"bufio"
	"context"
	"io"

	"connectrpc.com/connect"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/backup"
)

// Backups makes backups of the node's home.
type Backups interface {
	// WriteBackup writes an archive to w and calls show with how many bytes of how
	// many are read.
	WriteBackup(ctx context.Context, w io.Writer, withoutBlobs bool, maxBytes uint64, show func(done, work uint64)) (backup.Summary, error)
}

// backupPiece is how much of an archive goes into one message, in bytes.
const backupPiece = 256 << 10

// Backup streams an archive of the home. It begins with a message without data,
// since copying the database may take long.
func (s *Service) Backup(ctx context.Context, r *nodepb.BackupRequest, stream *connect.ServerStream[nodepb.BackupResponse]) error {
	if err := stream.Send(&nodepb.BackupResponse{}); err != nil {
		return err
	}
	pieces := &pieceWriter{stream: stream}
	w := bufio.NewWriterSize(pieces, backupPiece)
	sum, err := s.backups.WriteBackup(ctx, w, r.WithoutBlobs, r.MaxBytes, func(done, work uint64) { pieces.done, pieces.work = done, work })
	if err == nil {
		err = w.Flush()
	}
	if err != nil {
		return err
	}
	return stream.Send(&nodepb.BackupResponse{Summary: fromSummary(sum), Done: pieces.work, Work: pieces.work})
}

// pieceWriter sends what is written, with how far it is.
type pieceWriter struct {
	stream     *connect.ServerStream[nodepb.BackupResponse]
	done, work uint64
}

// Write implements io.Writer.
func (w *pieceWriter) Write(p []byte) (sent int, err error) {
	for len(p) > 0 {
		n := min(len(p), backupPiece)
		if err := w.stream.Send(&nodepb.BackupResponse{Data: p[:n], Done: w.done, Work: w.work}); err != nil {
			return sent, err
		}
		p, sent = p[n:], sent+n
	}
	return sent, nil
}

func fromSummary(sum backup.Summary) *nodepb.BackupSummary {
	out := &nodepb.BackupSummary{Files: uint64(sum.Files), Bytes: sum.Bytes}
	for _, l := range sum.Listed {
		out.Listed = append(out.Listed, &nodepb.BackupListed{Role: string(l.Role), DealId: uint64(l.Deal), Bytes: l.Bytes, Why: l.Why})
	}
	return out
}

// ToSummary reads what fromSummary wrote.
func ToSummary(p *nodepb.BackupSummary) backup.Summary {
	sum := backup.Summary{Files: int(p.GetFiles()), Bytes: p.GetBytes()}
	for _, l := range p.GetListed() {
		sum.Listed = append(sum.Listed, backup.Listed{Role: pdx.Role(l.Role), Deal: pdx.DealID(l.DealId), Bytes: l.Bytes, Why: l.Why})
	}
	return sum
}

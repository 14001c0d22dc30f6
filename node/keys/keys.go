package keys

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/codec/address"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	cryptocodec "github.com/cosmos/cosmos-sdk/crypto/codec"
	"github.com/cosmos/cosmos-sdk/crypto/hd"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	"github.com/cosmos/go-bip39"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
)

const (
	// Name of the account's key in the keyring.
	Name = "account"
	// path is Panacea's: SLIP-44 coin type 371, first account.
	path = "m/44'/371'/0'/0/0"
	// mnemonicBits of entropy give 24 words.
	mnemonicBits = 256

	secretMnemonic = "keys/mnemonic"
	secretPeer     = "keys/peer"
)

// Secrets is where keys lie, sealed; Get returns pdx.ErrNotFound for none.
type Secrets interface {
	Get(ctx context.Context, name string) ([]byte, error)
	Put(ctx context.Context, name string, value []byte) error
}

// Keys are the keys of a running node.
type Keys struct {
	ring    keyring.Keyring
	account pdx.Address
	public  []byte
	peer    crypto.PrivKey
	peerID  peer.ID
}

// Create makes both keys, or takes the account of a mnemonic that is not empty.
// Keys that are there already are never overwritten.
func Create(ctx context.Context, secrets Secrets, mnemonic string) error {
	if _, err := secrets.Get(ctx, secretMnemonic); !errors.Is(err, pdx.ErrNotFound) {
		return errors.Join(err, fmt.Errorf("%w: this node has keys already", pdx.ErrWrongState))
	}
	mnemonic, err := readOrNew(mnemonic)
	if err != nil {
		return err
	}
	if err := RotatePeer(ctx, secrets); err != nil {
		return err
	}
	return secrets.Put(ctx, secretMnemonic, []byte(mnemonic)) // last: its presence means complete
}

// RotatePeer makes a new peer key in place of the old one, if there is one, which is gone then: unlike
// the account, a peer id is worth nothing by itself.
func RotatePeer(ctx context.Context, secrets Secrets) error {
	private, _, err := crypto.GenerateEd25519Key(rand.Reader)
	if err != nil {
		return err
	}
	raw, err := crypto.MarshalPrivateKey(private)
	if err != nil {
		return err
	}
	return secrets.Put(ctx, secretPeer, raw)
}

func readOrNew(mnemonic string) (string, error) {
	if mnemonic == "" {
		return newMnemonic()
	}
	return ReadMnemonic(mnemonic)
}

// Mnemonic returns the account's mnemonic, for its owner's eyes.
func Mnemonic(ctx context.Context, secrets Secrets) (string, error) {
	raw, err := secrets.Get(ctx, secretMnemonic)
	return string(raw), err
}

// ReadMnemonic returns the words of a mnemonic in lower case with one space between
// them. Numbers, line ends, punctuation and a byte order mark are skipped. What is no
// mnemonic is pdx.ErrInvalid.
func ReadMnemonic(words string) (string, error) {
	words = strings.TrimPrefix(words, "\ufeff") // editors of Windows write it
	list := strings.FieldsFunc(strings.ToLower(words), func(r rune) bool { return !unicode.IsLetter(r) })
	if n := len(list); n%3 != 0 || n < 12 || n > 24 {
		return "", fmt.Errorf("%w: a mnemonic has 12, 15, 18, 21 or 24 words, not %d", pdx.ErrInvalid, n)
	}
	words = strings.Join(list, " ")
	if _, err := bip39.MnemonicToByteArray(words); err != nil { // IsMnemonicValid does not look at the checksum
		return "", fmt.Errorf("%w: these words are not a BIP-39 mnemonic: check their spelling and order", pdx.ErrInvalid)
	}
	return words, nil
}

func newMnemonic() (string, error) {
	entropy, err := bip39.NewEntropy(mnemonicBits)
	if err != nil {
		return "", err
	}
	return bip39.NewMnemonic(entropy)
}

// Load opens the keys; pdx.ErrNotFound when none were made.
func Load(ctx context.Context, secrets Secrets) (*Keys, error) {
	mnemonic, err := secrets.Get(ctx, secretMnemonic)
	if err != nil {
		return nil, fmt.Errorf("account key: %w", err)
	}
	raw, err := secrets.Get(ctx, secretPeer)
	if err != nil {
		return nil, fmt.Errorf("peer key: %w", err)
	}
	k := &Keys{ring: newKeyring()}
	if err := k.openAccount(string(mnemonic)); err != nil {
		return nil, fmt.Errorf("account key: %w", err)
	}
	if err := k.openPeer(raw); err != nil {
		return nil, fmt.Errorf("peer key: %w: %w", pdx.ErrCorrupt, err)
	}
	return k, nil
}

func newKeyring() keyring.Keyring {
	registry := codectypes.NewInterfaceRegistry()
	cryptocodec.RegisterInterfaces(registry)
	return keyring.NewInMemory(codec.NewProtoCodec(registry))
}

func (k *Keys) openAccount(mnemonic string) error {
	record, err := k.ring.NewAccount(Name, mnemonic, "", path, hd.Secp256k1)
	if err != nil {
		return err
	}
	public, err := record.GetPubKey()
	if err != nil {
		return err
	}
	text, err := address.NewBech32Codec(pdx.AddressPrefix).BytesToString(public.Address())
	k.public, k.account = public.Bytes(), pdx.Address(text)
	return err
}

func (k *Keys) openPeer(raw []byte) (err error) {
	if k.peer, err = crypto.UnmarshalPrivateKey(raw); err != nil {
		return err
	}
	k.peerID, err = peer.IDFromPrivateKey(k.peer)
	return err
}

// Keyring holds the account's key under Name.
func (k *Keys) Keyring() keyring.Keyring { return k.ring }

// Account returns the account's address.
func (k *Keys) Account() pdx.Address { return k.account }

// PublicKey returns the account's, 33 bytes.
func (k *Keys) PublicKey() []byte { return k.public }

// Sign signs sha256(message) with the account's key: r ‖ s, 64 bytes, low s.
func (k *Keys) Sign(message []byte) ([]byte, error) {
	signature, _, err := k.ring.Sign(Name, message, signing.SignMode_SIGN_MODE_DIRECT)
	return signature, err
}

// Peer returns the key of the node's libp2p identity.
func (k *Keys) Peer() crypto.PrivKey { return k.peer }

// PeerID returns the node's libp2p identity.
func (k *Keys) PeerID() peer.ID { return k.peerID }

// String hides everything but the public names.
func (k *Keys) String() string { return fmt.Sprintf("keys of %s, %s", k.account, k.peerID) }

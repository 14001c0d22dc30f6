package keys_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cosmos/go-bip39"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/keys"
)

// People paste mnemonics as their editors and wallets wrote them.
func TestFormsOfAMnemonic(t *testing.T) {
	words := strings.Repeat("abandon ", 11) + "about"
	var numbered strings.Builder
	for i, word := range strings.Fields(words) {
		fmt.Fprintf(&numbered, "%2d. %s\r\n", i+1, word)
	}
	for _, form := range []string{
		words, strings.ToUpper(words), "\ufeff" + words, numbered.String(), strings.ReplaceAll(words, " ", "\u00a0"),
	} {
		got, err := keys.ReadMnemonic(form)
		require.NoError(t, err, "%q", form)
		require.Equal(t, words, got)
	}
	_, err := keys.ReadMnemonic(strings.Repeat("abandon ", 11))
	require.ErrorIs(t, err, pdx.ErrInvalid)
	require.ErrorContains(t, err, "not 11")
	_, err = keys.ReadMnemonic(strings.Repeat("abandon ", 11) + "abuot")
	require.ErrorContains(t, err, "spelling")
}

// TestMnemonicInWrongOrder holds that the checksum is looked at: words in another order
// would be another account, without a word about it.
func TestMnemonicInWrongOrder(t *testing.T) {
	for _, bits := range []int{128, 160, 192, 224, 256} {
		right, err := bip39.NewMnemonic(make([]byte, bits/8))
		require.NoError(t, err)
		got, err := keys.ReadMnemonic(right)
		require.NoError(t, err, "%d bits", bits)
		require.Equal(t, right, got)
		list := strings.Fields(right)
		list[0], list[len(list)-1] = list[len(list)-1], list[0]
		_, err = keys.ReadMnemonic(strings.Join(list, " "))
		require.ErrorContains(t, err, "order", "%d bits", bits)
	}
}

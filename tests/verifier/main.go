// Verifies what the directory's audit archive proves, with Go's own transparency-log packages and nothing of the gateway.
//
//	verifier proof LOG-KEY [WITNESS-KEY …] < proof    is this receipt in the log, and who has signed for the log?
//	verifier note KEY … < note                        who has signed this note?
//	verifier tree SIZE … < leaves                     roots, proofs and tiles of the trees of these sizes, as JSON
package main

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	if len(os.Args) < 3 {
		fail(errors.New("say what to verify, and with which keys"))
	}
	input, err := io.ReadAll(os.Stdin)
	if err == nil {
		switch os.Args[1] {
		case "proof":
			err = proof(input, os.Args[2:])
		case "note":
			err = signedNote(input, os.Args[2:])
		case "tree":
			err = tree(input, os.Args[2:])
		default:
			err = fmt.Errorf("there is nothing called %s", os.Args[1])
		}
	}
	if err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// proof verifies a C2SP tlog-proof whose extra data is the leaf.
func proof(input []byte, keys []string) error {
	head, checkpoint, found := strings.Cut(string(input), "\n\n")
	lines := strings.Split(head, "\n")
	if !found || len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return errors.New("this is no proof")
	}
	leaf, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
	if err != nil {
		return err
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	if err != nil {
		return err
	}
	var path tlog.RecordProof
	for _, line := range lines[3:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		path = append(path, hash)
	}
	signed, err := open([]byte(checkpoint), keys)
	if err != nil {
		return err
	}
	stated, err := tlog.ParseTree([]byte("go.sum database tree\n" + strings.SplitN(signed.Text, "\n", 2)[1]))
	if err != nil {
		return err
	}
	if signed.Sigs[0].Name != strings.SplitN(signed.Text, "\n", 2)[0] {
		return errors.New("the log has not signed its checkpoint")
	}
	if err := tlog.CheckRecord(path, stated.N, stated.Hash, index, tlog.RecordHash(leaf)); err != nil {
		return err
	}
	return told(map[string]any{"index": index, "size": stated.N, "leaf": leaf, "signed": names(signed)})
}

func signedNote(input []byte, keys []string) error {
	signed, err := open(input, keys)
	if err != nil {
		return err
	}
	return told(map[string]any{"text": signed.Text, "signed": names(signed)})
}

func open(input []byte, keys []string) (*note.Note, error) {
	var verifiers []note.Verifier
	for _, key := range keys {
		verifier, err := newVerifier(key)
		if err != nil {
			return nil, err
		}
		verifiers = append(verifiers, verifier)
	}
	return note.Open(input, note.VerifierList(verifiers...))
}

// cosigner is a witness's key (C2SP tlog-cosignature), which Go's package does not know.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func newVerifier(text string) (note.Verifier, error) {
	verifier, err := note.NewVerifier(text)
	if err == nil {
		return verifier, nil
	}
	parts := strings.SplitN(text, "+", 3)
	if len(parts) != 3 {
		return nil, err
	}
	data, decodeErr := base64.StdEncoding.DecodeString(parts[2])
	if decodeErr != nil || len(data) != 33 || data[0] != 4 {
		return nil, err
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), data...))
	return &cosigner{parts[0], binary.BigEndian.Uint32(sum[:4]), data[1:]}, nil
}

func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.hash }
func (c *cosigner) Verify(message, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	timed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(signature), message)
	return ed25519.Verify(c.key, []byte(timed), signature[8:])
}

func names(signed *note.Note) []string {
	var found []string
	for _, signature := range signed.Sigs {
		found = append(found, signature.Name)
	}
	return found
}

// stored keeps the hashes of a growing tree, in the order in which Go's package stores them.
type stored []tlog.Hash

func (s stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		found[i] = s[index]
	}
	return found, nil
}

type shape struct {
	Size        int64              `json:"size"`
	Root        tlog.Hash          `json:"root"`
	Inclusion   []tlog.RecordProof `json:"inclusion"`
	Consistency []tlog.TreeProof   `json:"consistency"`
	Tiles       map[string][]byte  `json:"tiles"`
}

// tree reads a leaf a line, in base64, and describes the trees of the sizes given, in rising order.
func tree(input []byte, sizes []string) error {
	var hashes stored
	leaves := bufio.NewScanner(bytes.NewReader(input))
	for n := int64(0); leaves.Scan(); n++ {
		leaf, err := base64.StdEncoding.DecodeString(leaves.Text())
		if err != nil {
			return err
		}
		more, err := tlog.StoredHashes(n, leaf, hashes)
		if err != nil {
			return err
		}
		hashes = append(hashes, more...)
	}
	var shapes []shape
	for _, text := range sizes {
		size, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return err
		}
		described, err := describe(size, hashes)
		if err != nil {
			return err
		}
		shapes = append(shapes, described)
	}
	return told(shapes)
}

func describe(size int64, hashes stored) (shape, error) {
	found := shape{Size: size, Tiles: map[string][]byte{}}
	var err error
	if found.Root, err = tlog.TreeHash(size, hashes); err != nil {
		return found, err
	}
	for n := int64(0); n < size; n++ {
		included, err := tlog.ProveRecord(size, n, hashes)
		if err != nil {
			return found, err
		}
		continued, err := tlog.ProveTree(size, n+1, hashes)
		if err != nil {
			return found, err
		}
		found.Inclusion, found.Consistency = append(found.Inclusion, included), append(found.Consistency, continued)
	}
	for _, tile := range tlog.NewTiles(8, 0, size) {
		if found.Tiles[tile.Path()], err = tlog.ReadTileData(tile, hashes); err != nil {
			return found, err
		}
	}
	return found, nil
}

func told(what any) error {
	encoded, err := json.Marshal(what)
	if err == nil {
		_, err = fmt.Println(string(encoded))
	}
	return err
}

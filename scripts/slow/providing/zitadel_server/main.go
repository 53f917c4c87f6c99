// The example server of zitadel/oidc, on loopback only, with what its administrator would do: a registered
// address after the sign-out, a new signing key, and the end of a user's tokens.
package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"log"
	"net/http"
	"os"
	"strings"
	"sync"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"
	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/op"
)

const clientID = "webapp"

type key struct {
	id      string
	private *rsa.PrivateKey
}

func newKey() key {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		log.Fatal(err)
	}
	return key{uuid.NewString(), private}
}

func (k key) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (k key) Key() any                                    { return k.private }
func (k key) ID() string                                  { return k.id }

type published struct{ key }

func (p published) Algorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (p published) Use() string                        { return "sig" }
func (p published) Key() any                           { return &p.private.PublicKey }

type client struct {
	op.Client
	afterSignOut []string
}

func (c client) PostLogoutRedirectURIs() []string { return c.afterSignOut }

// store is the example's, whose keys can change and whose client may come back from a sign-out.
type store struct {
	*storage.Storage
	afterSignOut []string
	lock         sync.Mutex
	keys         []key
}

func (s *store) GetClientByClientID(ctx context.Context, id string) (op.Client, error) {
	found, err := s.Storage.GetClientByClientID(ctx, id)
	if err != nil {
		return nil, err
	}
	return client{found, s.afterSignOut}, nil
}

func (s *store) SigningKey(context.Context) (op.SigningKey, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.keys[len(s.keys)-1], nil
}

func (s *store) KeySet(context.Context) ([]op.Key, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	var all []op.Key
	for _, one := range s.keys {
		all = append(all, published{one})
	}
	return all, nil
}

func (s *store) rotate(http.ResponseWriter, *http.Request) {
	next := newKey()
	s.lock.Lock()
	defer s.lock.Unlock()
	s.keys = append(s.keys, next)
}

func (s *store) dropOld(http.ResponseWriter, *http.Request) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.keys = s.keys[len(s.keys)-1:]
}

func (s *store) revoke(_ http.ResponseWriter, request *http.Request) {
	_ = s.TerminateSession(request.Context(), request.FormValue("user"), clientID)
}

// Arguments: address to listen at, issuer, redirect URIs and addresses after the sign-out with commas between
// them, file of users.
func main() {
	address, issuer, users := os.Args[1], os.Args[2], os.Args[5]
	redirects, afterSignOut := strings.Split(os.Args[3], ","), strings.Split(os.Args[4], ",")
	known, err := storage.StoreFromFile(users)
	if err != nil {
		log.Fatal(err)
	}
	storage.RegisterClients(storage.WebClient(clientID, os.Getenv("CLIENT_SECRET"), redirects...))
	held := &store{Storage: storage.NewStorage(known), afterSignOut: afterSignOut, keys: []key{newKey()}}
	router := exampleop.SetupServer(issuer, held, nil, false)
	all := http.NewServeMux()
	all.HandleFunc("POST /admin/rotate", held.rotate)
	all.HandleFunc("POST /admin/drop_old", held.dropOld)
	all.HandleFunc("POST /admin/revoke", held.revoke)
	all.Handle("/", router)
	log.Fatal(http.ListenAndServe(address, all))
}

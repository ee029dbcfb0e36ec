// Sends one message and watches it to its end, with nothing but what protoc generates.
//
//	send-and-watch -target localhost:5081 -key pp_live_... -message-id hello-1 -profile ada-lovelace
//
// Prints one line per event. Exit code 0 when the message was sent, 1 when it was not, 2 when a call failed.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	gateway "pennypost/gateway/v1"
	types "pennypost/types/v1"
)

const (
	callLimit  = 10 * time.Second
	firstPause = 100 * time.Millisecond
	tries      = 10
)

func main() {
	target := flag.String("target", "", "host:port of the gRPC API")
	key := flag.String("key", "", "an API key with messages:read and messages:write")
	messageId := flag.String("message-id", "", "your id: the same id is sent once, however often this runs")
	profile := flag.String("profile", "", "LinkedIn profile URL or public identifier")
	subject := flag.String("subject", "One question", "")
	body := flag.String("body", "Hello, may I ask you one question?", "")
	tls := flag.Bool("tls", false, "encrypt; leave it out on loopback only")
	limit := flag.Duration("timeout", time.Minute, "for the watch")
	flag.Parse()

	security := grpc.WithInsecure()
	if *tls {
		security = grpc.WithTransportCredentials(credentials.NewTLS(nil))
	}
	connection, err := grpc.Dial(*target, security)
	if err != nil {
		fail(err)
	}
	defer connection.Close()
	client := gateway.NewPennypostServiceClient(connection)
	ctx := metadata.AppendToOutgoingContext(context.Background(), "authorization", "Bearer "+*key)

	message := &gateway.MessageSpec{
		MessageId: *messageId,
		Prospect:  &types.Prospect{Profile: *profile},
		Content:   &types.Content{Subject: *subject, Body: *body},
	}
	accepted, err := send(ctx, client, &gateway.SendMessageRequest{Message: message})
	if err != nil {
		fail(err)
	}
	known := "accepted"
	if accepted.Existed {
		known = "known from before"
	}
	fmt.Println(known, accepted.Message.MessageId)

	state, err := watch(ctx, client, *messageId, *limit)
	if err != nil {
		fail(err)
	}
	if state != types.MessageState_MESSAGE_STATE_SENT {
		os.Exit(1)
	}
}

// send makes the call until it is answered: the message id makes it safe to make it twice.
func send(ctx context.Context, client gateway.PennypostServiceClient, request *gateway.SendMessageRequest) (*gateway.SendMessageResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	pause := firstPause
	for try := 1; ; try++ {
		response, err := client.SendMessage(ctx, request)
		if code := status.Code(err); try == tries || (code != codes.Unavailable && code != codes.Aborted) {
			return response, err
		}
		time.Sleep(pause)
		pause *= 2
	}
}

// watch prints each event once, and goes on after the last one when the stream breaks.
func watch(ctx context.Context, client gateway.PennypostServiceClient, messageId string, limit time.Duration) (types.MessageState, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	state, token := types.MessageState_MESSAGE_STATE_UNSPECIFIED, ""
	for try := 1; ; try++ {
		stream, err := client.WatchMessage(ctx, &gateway.WatchMessageRequest{MessageId: messageId, ResumeToken: token})
		for err == nil {
			var item *gateway.WatchMessageResponse
			if item, err = stream.Recv(); err == nil {
				try, token, state = 1, item.ResumeToken, item.Event.State
				fmt.Println(item.Event.Sequence, word(item.Event.Kind.String(), "MESSAGE_EVENT_KIND_"), word(item.Event.Channel.String(), "CHANNEL_"), item.Event.AccountId, word(item.Event.Reason.String(), "REASON_"))
			}
		}
		if errors.Is(err, io.EOF) {
			return state, nil
		}
		if status.Code(err) != codes.Unavailable || try == tries {
			return state, err
		}
		time.Sleep(firstPause << try)
	}
}

// word is an enum's value as people say it; nothing if there is none.
func word(name, prefix string) string {
	if name = strings.TrimPrefix(name, prefix); name == "UNSPECIFIED" {
		return ""
	}
	return name
}

// fail shows a failed call with all that the service said of it: the reason, and every field that is wrong.
func fail(err error) {
	failed := status.Convert(err)
	fmt.Fprintf(os.Stderr, "%s: %s\n", failed.Code(), failed.Message())
	for _, detail := range failed.Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			fmt.Fprintf(os.Stderr, "  reason %s %v\n", detail.Reason, detail.Metadata)
		case *errdetails.BadRequest:
			for _, violation := range detail.FieldViolations {
				fmt.Fprintf(os.Stderr, "  %s: %s\n", violation.Field, violation.Description)
			}
		}
	}
	os.Exit(2)
}

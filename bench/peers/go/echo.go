package main

import (
	"fmt"
	"net"
)

func serve(connection net.Conn) {
	defer connection.Close()
	bytes := make([]byte, 2048)
	for {
		count, err := connection.Read(bytes)
		if err != nil {
			return
		}
		if _, err := connection.Write(bytes[:count]); err != nil {
			return
		}
	}
}

// Go listens with the system's largest backlog by itself.
func echo() {
	listener, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", number("port", 0)))
	if err != nil {
		panic(err)
	}
	fmt.Printf("port %d -\n", listener.Addr().(*net.TCPAddr).Port)
	go answerUsage()
	for {
		connection, err := listener.Accept()
		if err == nil {
			go serve(connection)
		}
	}
}

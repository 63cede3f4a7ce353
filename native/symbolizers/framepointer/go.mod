module cgo-deadlock.example/framepointer

go 1.11

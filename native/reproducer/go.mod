module reproducer

go 1.11

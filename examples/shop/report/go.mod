module shop.example/report

go 1.22

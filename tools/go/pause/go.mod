module hlf/tools/pause

go 1.25

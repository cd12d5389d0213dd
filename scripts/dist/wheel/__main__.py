from catalyst_bot import main

main()

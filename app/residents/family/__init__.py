"""Family: guardians who act for children, proxies whom adults name, successors of the dead, and the desk for papers."""

"""What attackers and bad luck do to a proxy, done to nginx, HAProxy and Vitrina in one run."""

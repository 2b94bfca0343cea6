"""What is done by mail: somebody who has an address proves it by a link or a code."""

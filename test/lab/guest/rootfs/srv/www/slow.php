<?php
sleep(300);
echo "done\n";
